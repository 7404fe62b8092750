//! Language tags, as requests, tokens and browsers write them.

/// The longest tag, in characters (RFC 5646 recommends room for 35).
const MAX_TAG_CHARS: usize = 35;

/// The most entries of an `Accept-Language` header that are looked at.
const MAX_ENTRIES: usize = 20;

/// A well-formed language tag: subtags of one to eight letters and digits, the first of letters, joined by `-`.
/// An underscore is read as `-`, since tokens often write `es_MX`. `None` for anything else.
pub fn language_tag(text: &str) -> Option<String> {
    let tag = text.replace('_', "-");
    let fit = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let starts = tag.bytes().take_while(|b| *b != b'-').all(|b| b.is_ascii_alphabetic());
    (tag.len() <= MAX_TAG_CHARS && starts && tag.split('-').all(fit)).then_some(tag)
}

/// The languages that a person reads, as well-formed tags.
#[derive(Debug, Clone, Default)]
pub struct Languages {
    /// What this request asks for.
    pub asked: Option<String>,
    /// What is known of them otherwise, the most wanted first.
    pub known: Vec<String>,
}

impl Languages {
    /// The most wanted first: asked for, set for themselves, known otherwise.
    pub fn wanted<'a>(&'a self, own: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        self.asked.as_deref().into_iter().chain(own).chain(self.known.iter().map(String::as_str))
    }
}

/// The languages of an `Accept-Language` header, the most wanted first. What can't be read is passed over, as are
/// `*` and languages with a weight of zero.
pub fn accept_language(header: &str) -> Vec<String> {
    let mut wanted: Vec<(u16, String)> = header.split(',').take(MAX_ENTRIES).filter_map(entry).collect();
    // The sort is stable: equal weights keep the header's order.
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wanted.into_iter().map(|(_, tag)| tag).collect()
}

/// One entry, with its weight in thousandths.
fn entry(text: &str) -> Option<(u16, String)> {
    let (tag, weight) = match text.split_once(';') {
        Some((tag, parameter)) => (tag, weight(parameter)?),
        None => (text, 1000),
    };
    Some((weight, language_tag(tag.trim())?)).filter(|(weight, _)| *weight > 0)
}

/// Reads `q=0.8`: at most one, with at most three decimals.
fn weight(parameter: &str) -> Option<u16> {
    let (key, value) = parameter.split_once('=')?;
    let (whole, decimals) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = decimals.len() <= 3 && decimals.bytes().all(|b| b.is_ascii_digit());
    if !key.trim().eq_ignore_ascii_case("q") || !digits || !matches!(whole, "0" | "1") {
        return None;
    }
    let thousandths: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

/// The tag and what it falls back to, by dropping subtags from the right: `es-MX`, then `es`.
pub(super) fn fallbacks(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |tag| tag.rsplit_once('-').map(|(rest, _)| rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_are_well_formed_or_nothing() {
        for good in ["es", "es-MX", "zh-Hant-TW", "de-1996", "x-elvish"] {
            assert_eq!(language_tag(good).as_deref(), Some(good));
        }
        assert_eq!(language_tag("es_MX").as_deref(), Some("es-MX"));
        let long = "aa-".repeat(11) + "aaa";
        for bad in ["", "-", "es-", "-es", "es--mx", "e s", "español", "abcdefghi", "12", "*", "es\0", &long]
        {
            assert_eq!(language_tag(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn headers_are_sorted_by_weight() {
        for (header, tags) in [
            ("es-MX,es;q=0.9,en;q=0.8", vec!["es-MX", "es", "en"]),
            ("en;q=0.5, es ; q=0.75 ,*;q=0.1", vec!["es", "en"]),
            ("de, fr;q=1.000, en;q=0, it;q=0.000", vec!["de", "fr"]),
            ("en;q=2, es;q=0.1234, de;q=x, fr;level=1, it;q=-1, pt;q=1.1", vec![]),
            (",,;;q=1,en", vec!["en"]),
            ("", vec![]),
        ] {
            assert_eq!(accept_language(header), tags, "{header}");
        }
        assert_eq!(accept_language(&"en,".repeat(500)).len(), MAX_ENTRIES);
    }

    #[test]
    fn tags_fall_back_from_the_right() {
        let all: Vec<_> = fallbacks("zh-Hant-TW").collect();
        assert_eq!(all, ["zh-Hant-TW", "zh-Hant", "zh"]);
    }

    proptest! {
        #[test]
        fn no_header_is_an_error(header in any::<String>()) {
            let tags = accept_language(&header);
            prop_assert!(tags.len() <= MAX_ENTRIES && tags.iter().all(|tag| language_tag(tag).as_ref() == Some(tag)));
        }

        #[test]
        fn nor_is_one_that_nearly_makes_sense(header in "([a-z]{0,9}(-[A-Z0-9]{0,9})?( ?;q ?= ?[0-9.]{0,5})?[,;]?){0,30}") {
            prop_assert!(accept_language(&header).len() <= MAX_ENTRIES);
        }

        #[test]
        fn what_was_read_reads_as_itself(header in "([a-z]{1,8}(-[A-Z0-9]{1,8})?(;q=[01]\\.[0-9]{0,3})?,){0,30}") {
            let tags = accept_language(&header);
            prop_assert_eq!(accept_language(&tags.join(",")), tags);
        }
    }
}
