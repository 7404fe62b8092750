//! What is built in: one crypto provider, and licences that let anybody use the service.

use std::process::{Command, Output};

use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::compare::expect_none;
use crate::repository;

/// A second crypto provider, and what drags one in.
const BANNED: [&str; 4] = ["ring", "openssl", "openssl-sys", "native-tls"];

/// Licences that ask for little more than to be named.
const LICENCES: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn cargo(arguments: &[&str]) -> Output {
    // Not `--offline`: crates for other systems may not be on this machine yet. With all of them here, nothing is asked
    // of the network.
    Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(repository::ROOT)
        .output()
        .unwrap()
}

/// Who depends on a crate, on any system, with any feature; empty where nobody does.
fn dependents(name: &str) -> String {
    let output = cargo(&["tree", "--workspace", "--all-features", "--target", "all", "--invert", name]);
    let (tree, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let unknown = said.contains("did not match any packages");
    assert!(
        output.status.success() || unknown,
        "cargo tree failed; run `cargo fetch`, then try again: {said}"
    );
    tree.into_owned()
}

#[test]
fn there_is_one_crypto_provider() {
    let trees = BANNED.iter().map(|name| dependents(name)).filter(|tree| !tree.is_empty());
    let mend = "turn off the feature that pulls it in: aws-lc-rs is the one provider (rustls, JWT, digests):";
    expect_none(&trees.collect::<Vec<_>>(), mend);
    assert!(!dependents("aws-lc-rs").is_empty(), "nobody depends on aws-lc-rs: this test looks at nothing");
}

#[test]
fn licences_are_permissive() {
    let output = cargo(&["metadata", "--all-features", "--format-version", "1"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata failed; run `cargo fetch`, then try again: {said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "only {} packages: this test looks at nothing", packages.len());
    let offends = |package: &&Value| !is_permissive(package["license"].as_str().unwrap_or_default());
    let names =
        |package: &Value| format!("{} {}: {}", package["name"], package["version"], package["license"]);
    let offenders: Vec<_> = packages.iter().filter(offends).map(names).collect();
    let mend = "find another library, or add the licence to LICENCES in tests/contract/dependencies.rs if it is as free \
                as those (`cargo tree --target all --invert NAME` says who needs it):";
    expect_none(&offenders, mend);
}

/// Whether a choice of the licences offered is on the list.
fn is_permissive(licence: &str) -> bool {
    let known =
        |licence: &spdx::LicenseReq| licence.license.id().is_some_and(|id| LICENCES.contains(&id.name));
    Expression::parse_mode(licence, ParseMode::LAX).is_ok_and(|expression| expression.evaluate(known))
}

#[test]
fn licences_are_weighed_as_they_are_written() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "MIT OR GPL-3.0-only",
        "(MIT OR GPL-2.0-only) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
    ] {
        assert!(is_permissive(good), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0-or-later",
        "MIT AND GPL-3.0-only",
        "MPL-2.0",
        "Proprietary",
        "(MIT OR ISC) AND AGPL-3.0-only",
    ] {
        assert!(!is_permissive(bad), "{bad}");
    }
}
