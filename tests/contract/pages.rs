//! The files of the pages that are built in: what is in them is ours and nobody else's, one library aside.

use aws_lc_rs::digest::{SHA256, digest};

use crate::compare::expect_none;
use crate::repository::{files, read};

const FOLDER: &str = "src/http/pages";
const VENDOR: &str = "src/http/pages/dashboard/vendor";

fn own(ending: &str) -> Vec<(String, String)> {
    let ours = files(FOLDER, ending).into_iter().filter(|path| !path.starts_with(VENDOR));
    ours.map(|path| (path.clone(), read(&path))).collect()
}

#[test]
fn the_library_is_the_one_that_was_looked_at() {
    let sums = read(&format!("{VENDOR}/SHA256SUMS"));
    let mut seen = 0;
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let bytes = read(&format!("{VENDOR}/{name}")).into_bytes();
        let found: String =
            digest(&SHA256, &bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, sum, "{VENDOR}/{name} is not what SHA256SUMS says: see {VENDOR}/README.md");
        seen += 1;
    }
    let ours = ["README.md", "SHA256SUMS"];
    let there = files(VENDOR, "").into_iter().filter(|path| !ours.iter().any(|name| path.ends_with(name)));
    assert_eq!(there.count(), seen, "every file in {VENDOR} has a line in SHA256SUMS");
}

#[test]
fn the_library_is_named_with_its_version_and_licence() {
    let package: serde_json::Value = serde_json::from_str(&read("tests/browser/package.json")).unwrap();
    let version = package["devDependencies"]["uplot"].as_str().unwrap();
    let script = read(&format!("{VENDOR}/uPlot.iife.min.js"));
    assert!(script.starts_with(&format!("/*! https://github.com/leeoniya/uPlot (v{version}) */")));
    let readme = read(&format!("{VENDOR}/README.md"));
    assert!(readme.contains(&format!(" {version},")) && readme.contains("MIT"), "{VENDOR}/README.md");
    assert!(read(&format!("{VENDOR}/uPlot.LICENSE")).starts_with("The MIT License (MIT)"));
}

/// What would make text from elsewhere into markup or code, or keep a token.
const BANNED: [&str; 11] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "localStorage",
    "sessionStorage",
    "indexedDB",
    "document.cookie",
    "console.",
];

#[test]
fn text_stays_text_and_tokens_stay_in_memory() {
    let mut wrong = Vec::new();
    for (path, text) in own(".js") {
        let found = BANNED.iter().filter(|word| text.contains(*word));
        wrong.extend(found.map(|word| format!("{path} has {word}")));
    }
    expect_none(&wrong, "make elements with h() of dom.js, and keep nothing:");
}

#[test]
fn nothing_is_inline_or_from_another_host() {
    let mut wrong = Vec::new();
    for (path, text) in own(".html") {
        let inline = ["style=", "<style", "onclick=", "onload=", "javascript:", "<script>"];
        wrong.extend(
            inline.iter().filter(|word| text.contains(*word)).map(|word| format!("{path} has {word}")),
        );
    }
    for ending in [".html", ".css", ".js"] {
        for (path, text) in own(ending) {
            let hosts = ["http://", "https://", "url(", "@import"];
            wrong.extend(
                hosts.iter().filter(|word| text.contains(*word)).map(|word| format!("{path} has {word}")),
            );
        }
    }
    expect_none(&wrong, "the policy of the page forbids it:");
}

#[test]
fn files_of_the_page_are_short() {
    let long = own(".js").into_iter().filter(|(_, text)| text.lines().count() > 200);
    expect_none(&long.map(|(path, _)| path).collect::<Vec<_>>(), "divide it by what its parts are about:");
}
