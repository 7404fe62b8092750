//! Comparisons that say what is wrong and how to mend it.

use std::collections::BTreeSet;
use std::fmt::Display;

/// Fails where there are findings, and lists them all.
pub(crate) fn expect_none(findings: &[String], mend: &str) {
    assert!(findings.is_empty(), "{mend}\n  {}", findings.join("\n  "));
}

/// Fails where one side has what the other has not.
pub(crate) fn expect_same<T: Ord + Display>(
    (one, left): (&str, &BTreeSet<T>),
    (other, right): (&str, &BTreeSet<T>),
    mend: &str,
) {
    let only_left = left.difference(right).map(|item| format!("only in {one}: {item}"));
    let only_right = right.difference(left).map(|item| format!("only in {other}: {item}"));
    expect_none(&only_left.chain(only_right).collect::<Vec<_>>(), mend);
}

#[test]
#[should_panic(expected = "only in b: 3")]
fn a_difference_on_either_side_is_seen() {
    expect_same(("a", &BTreeSet::from([1])), ("b", &BTreeSet::from([1, 3])), "mend it");
}
