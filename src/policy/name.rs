//! Makes text from outside fit to stand in a sentence: what a token calls its bearer may be anything.

/// The longest text, in characters.
const MAX_CHARS: usize = 64;

/// A text on one line: no control, format or invisible characters, single spaces, at most 64 characters.
/// Double quotes go too, since instructions and messages put the text between them. `None` when nothing is left.
pub(super) fn one_line(text: &str) -> Option<String> {
    let mut line = String::with_capacity(text.len().min(4 * MAX_CHARS));
    let mut chars = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = chars > 0;
            continue;
        }
        if c.is_control() || is_invisible(c) || is_double_quote(c) {
            continue;
        }
        if chars + 1 + usize::from(gap) > MAX_CHARS {
            break;
        }
        if gap {
            line.push(' ');
            chars += 1;
            gap = false;
        }
        line.push(c);
        chars += 1;
    }
    (chars > 0).then_some(line)
}

/// A text of several lines: no control, format or invisible characters but line ends, and those that letters and emoji are
/// joined by; nothing blank at its beginning and end. `None` when nothing is left.
pub(super) fn plain_text(text: &str) -> Option<String> {
    let is_joint = |c: char| matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}');
    let keep = |c: &char| *c == '\n' || is_joint(*c) || !(c.is_control() || is_invisible(*c));
    let plain: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(keep).collect();
    let plain = plain.trim();
    let says = |c: char| !(c.is_whitespace() || is_joint(c));
    plain.contains(says).then(|| plain.to_owned())
}

/// Characters that can hide words or turn their order: Unicode's format characters (general category Cf), and those
/// that it calls ignorable by default, variation selectors and blank letters among them.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{890}'..='\u{891}'
        | '\u{8E2}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

const fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '\u{AB}' | '\u{BB}' | '\u{201C}'..='\u{201F}' | '\u{301D}'..='\u{301F}' | '\u{FF02}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_one_plain_line() {
        for (text, line) in [
            ("Ana", Some("Ana")),
            ("  José \t María\r\n Núñez ", Some("José María Núñez")),
            ("O’Brien-Smith, Jr.", Some("O’Brien-Smith, Jr.")),
            ("李小龍", Some("李小龍")),
            ("Ana\u{202E}gnp\u{200B}\u{E0041}", Some("Anagnp")),
            ("a\u{2028}b\u{85}c", Some("a b c")),
            ("José \"Pepe\" «R» “S”", Some("José Pepe R S")),
            ("{{ role }}", Some("{{ role }}")),
            ("", None),
            (" \u{200D}\0\n\u{FEFF} ", None),
        ] {
            assert_eq!(one_line(text).as_deref(), line, "{text:?}");
        }
    }

    #[test]
    fn a_cut_leaves_no_space_behind() {
        let text = format!("{} bcd", "a".repeat(63));
        assert_eq!(one_line(&text), Some("a".repeat(63)));
    }

    proptest! {
        #[test]
        fn whatever_comes_it_is_short_and_plain(text in any::<String>()) {
            if let Some(line) = one_line(&text) {
                prop_assert!(line.chars().count() <= MAX_CHARS);
                prop_assert!(!line.is_empty());
                prop_assert_eq!(line.trim(), line.as_str());
                prop_assert!(!line.chars().any(|c| c.is_control() || is_invisible(c) || is_double_quote(c)));
                prop_assert!(!line.contains("  "));
                prop_assert_eq!(one_line(&line), Some(line.clone()));
            }
        }

        #[test]
        fn troublemakers_never_get_through(text in "[\u{0}-\u{20}\"\u{80}-\u{A0}\u{2028}-\u{202E}\u{E0020}-\u{E007F}a]{0,200}") {
            let line = one_line(&text).unwrap_or_default();
            prop_assert!(line.chars().all(|c| c == 'a' || c == ' '), "{line:?}");
        }
    }
}
