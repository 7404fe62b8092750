//! Modules stand on floors: each uses only lower ones, and its own children. The floors are told in `src/lib.rs`.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{expect_none, expect_same};
use crate::repository;
use crate::source::Source;

/// The floor of each module, from the table in `src/lib.rs`.
fn floors() -> BTreeMap<String, u8> {
    let mut floors = BTreeMap::new();
    for line in repository::read("src/lib.rs").lines() {
        let Some(row) = line.strip_prefix("//! | ") else { continue };
        let mut cells = row.split('|').map(str::trim);
        let (floor, modules) = (cells.next().unwrap(), cells.next().unwrap_or_default());
        let Ok(floor) = floor.parse() else { continue };
        let names = modules.split(',').map(|name| name.trim().trim_matches(['[', ']', '`']));
        floors.extend(names.map(|name| (name.to_owned(), floor)));
    }
    floors
}

/// The modules of the crate that a file uses by their path, its own left out.
fn used(source: &Source) -> BTreeSet<String> {
    let tokens: Vec<&str> = source.tokens.iter().map(String::as_str).collect();
    let mut found = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        if *token == "crate" && tokens.get(i + 1) == Some(&"::") {
            found.extend(heads(&tokens[i + 2..]));
        }
        if *token == "super" && tokens.get(i.wrapping_sub(1)) != Some(&"::") {
            found.extend(above(&tokens[i..], depth(&source.path)));
        }
    }
    found.remove(source.module().unwrap_or_default());
    found
}

/// What a path begins with: `a` of `a::b`, and both `a` and `c` of `{a::b, c}`.
fn heads(tokens: &[&str]) -> Vec<String> {
    if tokens.first() != Some(&"{") {
        return tokens.first().map(|name| (*name).to_owned()).into_iter().collect();
    }
    let (mut depth, mut heads) = (0, Vec::new());
    for pair in tokens.windows(2) {
        match pair[0] {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(pair[0], "{" | ",") && pair[1] != "}" {
            heads.push(pair[1].to_owned());
        }
    }
    heads
}

/// What `super::super::…` reaches when it leads up to the crate itself.
fn above(tokens: &[&str], depth: usize) -> Vec<String> {
    let supers = tokens.iter().step_by(2).take_while(|token| **token == "super").count();
    let rest = tokens.get(2 * supers..).unwrap_or_default();
    if supers < depth { Vec::new() } else { heads(rest) }
}

/// How far below the crate a file's module is: 1 for `src/mint/mod.rs`, 2 for `src/mint/rights.rs`.
fn depth(path: &str) -> usize {
    path.split('/').count() - if path.ends_with("/mod.rs") { 2 } else { 1 }
}

#[test]
fn every_module_has_its_floor() {
    let library = Source::read("src/lib.rs");
    let modules: BTreeSet<String> = library
        .tokens
        .windows(3)
        .filter(|three| three[0] == "pub" && three[1] == "mod")
        .map(|three| three[2].clone())
        .collect();
    let told: BTreeSet<String> = floors().into_keys().collect();
    let mend = "write each module into the table of floors in the comment of src/lib.rs";
    expect_same(("the modules of src/lib.rs", &modules), ("its table of floors", &told), mend);
}

#[test]
fn modules_use_lower_floors_only() {
    let floors = floors();
    let mut wrong = Vec::new();
    for path in repository::files("src", ".rs") {
        let source = Source::read(&path);
        let Some(own) = source.module() else { continue };
        let floor = floors.get(own).unwrap_or_else(|| panic!("{path}: `{own}` has no floor in src/lib.rs"));
        let modules = used(&source).into_iter().filter_map(|module| floors.get_key_value(&module));
        for (module, other) in modules.filter(|(_, other)| *other >= floor) {
            wrong.push(format!("{path} (floor {floor}) uses `{module}` (floor {other})"));
        }
    }
    let mend = "a module uses lower floors only: move what is shared down, or hand it in from above:";
    expect_none(&wrong, mend);
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    let text = "use crate::{auth::{A, B}, limit, policy::C}; // crate::usage
        fn f() { crate::provider::g(super::super::store::H); super::deeper(); \"crate::http\"; }
        mod tests { use super::super::mint::I; }";
    let used = used(&Source::parse("src/mint/rights.rs", text));
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["auth", "limit", "policy", "provider", "store"]);
}
