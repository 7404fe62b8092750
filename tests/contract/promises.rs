//! What SECURITY.md promises: every test that it names as proof is there, and runs.

use std::path::Path;

use crate::compare::expect_none;
use crate::repository;
use crate::source::Source;

const DOCUMENT: &str = "SECURITY.md";
const HEADING: &str = "## What is promised, and what proves it";

/// Macros that make a test of the name that comes first.
const MAKE_ONE: [&str; 2] = ["on_both_stores", "on_sqlite"];

/// The macro that makes a test of every name in it.
const MAKES_ALL: &str = "over_both_stores";

/// Promises and what they name as proof, from the table.
fn promises() -> Vec<(String, Vec<String>)> {
    let document = repository::read(DOCUMENT);
    let section = document.split(HEADING).nth(1).expect("SECURITY.md has lost its promises");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows =
        section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.rsplit_once(" | "));
    rows.skip(1).map(|(promise, proof)| (promise.to_owned(), quoted(proof))).collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A file, and where the files of its modules are.
struct Module {
    source: Source,
    folder: String,
}

impl Module {
    /// What a path of names begins in: a target of tests, by its first name, or the library.
    fn root<'n>(names: &'n [&'n str]) -> (Self, &'n [&'n str]) {
        match names {
            [target, below @ ..] if exists(&format!("tests/{target}/main.rs")) => {
                let folder = format!("tests/{target}");
                (Self { source: Source::read(&format!("{folder}/main.rs")), folder }, below)
            }
            _ => (Self { source: Source::read("src/lib.rs"), folder: "src".to_owned() }, names),
        }
    }

    /// The module of this name, if it is declared in this one.
    fn module(&self, name: &str) -> Option<Self> {
        self.declared().find(|declared| *declared == name)?;
        let folder = format!("{}/{name}", self.folder);
        let path =
            [format!("{folder}.rs"), format!("{folder}/mod.rs")].into_iter().find(|path| exists(path))?;
        Some(Self { source: Source::read(&path), folder })
    }

    fn declared(&self) -> impl Iterator<Item = &str> {
        let three = self.source.tokens.windows(3);
        three.filter(|three| three[0] == "mod" && three[2] == ";").map(|three| &*three[1])
    }

    /// Whether it or a module below it has any test.
    fn has_tests(&self) -> bool {
        let own = self.source.tokens.windows(2).any(|two| match (&*two[0], &*two[1]) {
            // `#[test]` and `#[tokio::test(…)]`, not `#[cfg(test)]`.
            ("test", "]" | "(") => true,
            (name, "!") => MAKE_ONE.contains(&name) || name == MAKES_ALL,
            _ => false,
        });
        own || self.declared().filter_map(|name| self.module(name)).any(|below| below.has_tests())
    }
}

fn exists(path: &str) -> bool {
    Path::new(repository::ROOT).join(path).is_file()
}

/// Why this proves nothing; none where it does.
fn why_not(proof: &str) -> Option<String> {
    if proof.starts_with("scripts/") {
        let is_run = repository::read("scripts/test").lines().any(|line| line.trim() == proof);
        return (!(exists(proof) && is_run)).then(|| "scripts/test runs no such script".to_owned());
    }
    let names: Vec<&str> = proof.split("::").collect();
    let (mut module, mut names) = Module::root(&names);
    while let [name, below @ ..] = names {
        let Some(inner) = module.module(name) else {
            let is_proof = below.is_empty() && is_test(&module.source, name);
            return (!is_proof).then(|| format!("{} has no test or module `{name}`", module.source.path));
        };
        (module, names) = (inner, below);
    }
    (!module.has_tests()).then(|| format!("{} has no test", module.source.path))
}

/// Whether the file has a test of this name, made by an attribute or by a macro.
fn is_test(source: &Source, name: &str) -> bool {
    let tokens = &source.tokens;
    let has_attribute = |at: usize| {
        let before = &tokens[..at];
        let start = before.iter().rposition(|token| token == "}" || token == ";").unwrap_or(0);
        before[start..].iter().any(|token| token == "test")
    };
    let is_function = |at: usize| tokens[at] == "fn" && tokens[at + 1] == name && has_attribute(at);
    // `macro!(name, …);`
    let is_made = |at: usize| {
        let named = tokens[at..].split(|token| token == ";").next().unwrap_or_default();
        named.get(1).is_some_and(|token| token == "!")
            && (MAKE_ONE.contains(&&*named[0]) && named.get(3).is_some_and(|token| token == name)
                || named[0] == MAKES_ALL && named.iter().any(|token| token == name))
    };
    (0..tokens.len().saturating_sub(1)).any(|at| is_function(at) || is_made(at))
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let promises = promises();
    assert!(promises.len() > 10, "the table of {DOCUMENT} can't be read: {promises:?}");
    let mut wrong = Vec::new();
    for (promise, proofs) in &promises {
        if proofs.is_empty() {
            wrong.push(format!("{promise}: nothing proves it"));
        }
        let reasons =
            proofs.iter().filter_map(|proof| Some(format!("{promise}: `{proof}`: {}", why_not(proof)?)));
        wrong.extend(reasons);
    }
    expect_none(&wrong, "name the tests that prove each promise of SECURITY.md, as `target::module::test`:");
}

#[test]
fn a_proof_that_is_not_there_is_seen() {
    for real in [
        "api::limits",
        "api::limits::the_eleventh_has_to_wait",
        "api::conformance",
        "limit::memory",
        "contract",
    ] {
        assert_eq!(why_not(real), None, "{real}");
    }
    for unreal in [
        "api::limits::eleven_in_a_row",
        "api::limits::the_twelfth",
        "api::no_such_module",
        "limit::limiter::Limiter",
        "kernel::cause",
        "scripts/lib/need.sh",
        "nowhere",
    ] {
        assert!(why_not(unreal).is_some(), "{unreal} is taken for a proof");
    }
}
