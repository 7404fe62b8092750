//! The commands of the program, and the page about them.

use std::collections::BTreeSet;
use std::process::Command;

use crate::compare::expect_same;
use crate::repository;

/// The commands that `ephemint --help` lists.
fn offered() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_ephemint")).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let name = |line: &str| line.strip_prefix("  ")?.split_whitespace().next().map(str::to_owned);
    list.lines().filter_map(name).filter(|name| name != "help").collect()
}

#[test]
fn the_page_of_commands_has_every_command() {
    let page = repository::read("docs/commands.md");
    let heading = |line: &str| line.strip_prefix("## `ephemint ")?.strip_suffix('`').map(str::to_owned);
    let documented: BTreeSet<_> = page.lines().filter_map(heading).collect();
    let mend = "write a part `## `ephemint <command>`` for each command into docs/commands.md:";
    expect_same(("ephemint --help", &offered()), ("docs/commands.md", &documented), mend);
}
