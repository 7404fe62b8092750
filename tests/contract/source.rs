//! Rust files, read as far as the house rules need it: words and signs on one side, string literals on the other, comments
//! nowhere.

use crate::repository;

pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) lines: usize,
    /// Words, `::`, and every other sign by itself.
    pub(crate) tokens: Vec<String>,
    /// String literals, as they are written.
    pub(crate) texts: Vec<String>,
}

impl Source {
    pub(crate) fn read(path: &str) -> Self {
        Self::parse(path, &repository::read(path))
    }

    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let mut source = Self {
            path: path.to_owned(),
            lines: text.lines().count(),
            tokens: Vec::new(),
            texts: Vec::new(),
        };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            rest = source.take(first, rest);
        }
        source
    }

    /// The module under `src/` that the file belongs to: `mint` for `src/mint/rights.rs`, none for `src/lib.rs`.
    pub(crate) fn module(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.split_once('/').map(|(module, _)| module)
    }

    /// Whether the file names this word.
    pub(crate) fn names(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token == word)
    }

    /// Takes what comes next, and says what is left.
    fn take<'a>(&mut self, first: char, rest: &'a str) -> &'a str {
        if rest.starts_with("//") {
            return rest.find('\n').map_or("", |end| &rest[end..]);
        }
        if rest.starts_with("/*") {
            return rest.split_once("*/").map_or("", |(_, after)| after);
        }
        if let Some((text, after)) = raw_text(rest).or_else(|| plain_text(rest)) {
            self.texts.push(text.to_owned());
            return after;
        }
        if first == '\'' {
            return after_quote(rest);
        }
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = match word {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            length => length,
        };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() {
            self.tokens.push(token.to_owned());
        }
        after
    }
}

/// `r"…"` and `r#"…"#`, also of bytes.
fn raw_text(rest: &str) -> Option<(&str, &str)> {
    let inner = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let text = inner[hashes..].strip_prefix('"')?;
    text.split_once(&format!("\"{}", "#".repeat(hashes)))
}

/// `"…"`.
fn plain_text(rest: &str) -> Option<(&str, &str)> {
    let text = rest.strip_prefix('"')?;
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// Passes over a character literal, or over the quote of a lifetime.
fn after_quote(rest: &str) -> &str {
    let inner = &rest[1..];
    if let Some(escape) = inner.strip_prefix('\\') {
        let from = escape.chars().next().map_or(0, char::len_utf8);
        return escape[from..].split_once('\'').map_or("", |(_, after)| after);
    }
    let first = inner.chars().next().map_or(0, char::len_utf8);
    inner[first..].strip_prefix('\'').unwrap_or(inner)
}

#[test]
fn comments_texts_and_code_are_told_apart() {
    let text = r##"use a::b; // c
        /* d */ fn e<'f>(g: &'f str) -> char { h("i // \"j\"", r#"k "l""#, 'm', '\'', '"'); "n" }"##;
    let source = Source::parse("x.rs", text);
    assert_eq!(source.texts, [r#"i // \"j\""#, r#"k "l""#, "n"]);
    let word = |token: &&String| token.chars().all(|c| c.is_ascii_lowercase());
    let words: Vec<_> = source.tokens.iter().filter(word).map(String::as_str).collect();
    assert_eq!(words, ["use", "a", "b", "fn", "e", "f", "g", "f", "str", "char", "h"]);
}
