//! Settings: what the code reads, what it says that it reads, and `.env.example`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ephemint::config::{Config, Environment, Logging, VARIABLES, read_one};

use crate::compare::{expect_none, expect_same};
use crate::repository;
use crate::source::Source;

const EXAMPLE: &str = ".env.example";
const LIST: &str = "src/config/variables.rs";

/// One line of `.env.example` that sets something.
struct Line {
    name: String,
    value: String,
    commented: bool,
}

fn lines() -> Vec<Line> {
    let line = |text: &str| {
        let (commented, setting) = match text.strip_prefix("# ") {
            Some(setting) => (true, setting.to_owned()),
            None => (false, text.to_owned()),
        };
        let (name, value) = setting.split_once('=')?;
        is_name(name).then(|| Line { name: name.to_owned(), value: value.to_owned(), commented })
    };
    repository::read(EXAMPLE).lines().filter_map(line).collect()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn names() -> BTreeSet<String> {
    VARIABLES.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn the_example_has_every_setting_once() {
    let mut written = BTreeSet::new();
    for line in lines() {
        assert!(written.insert(line.name.clone()), "{EXAMPLE} has {} twice: keep one", line.name);
    }
    let mend =
        format!("write each setting of {LIST} into {EXAMPLE}, as `# NAME=default` where it is optional:");
    expect_same((LIST, &names()), (EXAMPLE, &written), &mend);
}

#[test]
fn the_example_says_which_settings_may_be_files() {
    let text = repository::read(EXAMPLE);
    let secrets = VARIABLES.iter().filter(|(_, kind)| format!("{kind:?}") == "Secret");
    let silent =
        secrets.map(|(name, _)| format!("{name}_FILE")).filter(|name| !text.contains(&format!("r {name}.")));
    expect_none(&silent.collect::<Vec<_>>(), "say `Or NAME_FILE.` in the comments of .env.example:");
}

#[test]
fn the_example_as_it_stands_is_refused_for_each_of_its_secrets() {
    let path = Path::new(repository::ROOT).join(EXAMPLE);
    let environment = Environment::file(&path).expect(".env.example can't be read as a file of settings");
    let mistakes =
        Config::read(&environment).expect_err("the service starts on secrets that everybody knows");
    let refused: BTreeSet<_> = mistakes.iter().map(|mistake| mistake.at.clone()).collect();
    let given: BTreeSet<_> =
        lines().into_iter().filter(|line| !line.commented).map(|line| line.name).collect();
    let mend = "only what has to be set stands uncommented in .env.example, with a value that begins with change-me:";
    expect_same((EXAMPLE, &given), ("what the service refuses", &refused), mend);
    let others = mistakes.iter().filter(|mistake| !mistake.problem.contains("example value"));
    expect_none(&others.map(ToString::to_string).collect::<Vec<_>>(), mend);
}

#[test]
fn the_defaults_in_the_example_are_the_defaults() {
    let secret = "0123456789abcdef0123456789abcdef";
    let needed = |line: &Line| (line.name.clone(), secret.to_owned());
    let plain: BTreeMap<_, _> = lines().iter().filter(|line| !line.commented).map(needed).collect();
    let mut spelled_out: BTreeMap<_, _> = lines().into_iter().map(|line| (line.name, line.value)).collect();
    spelled_out.extend(plain.clone());
    let mend = "mend the values that are commented out in .env.example: they have to be the defaults";
    assert_eq!(meaning(plain), meaning(spelled_out), "{mend}");
}

/// What a set of settings amounts to.
fn meaning(settings: BTreeMap<String, String>) -> String {
    let environment: Environment = settings.into_iter().collect();
    let config = Config::read(&environment).expect("what .env.example says is refused");
    let logging =
        read_one(&environment, Logging::read).expect("what .env.example says of logging is refused");
    format!("{config:#?}\n{logging:#?}")
}

#[test]
fn the_code_reads_what_it_says_that_it_reads() {
    let sources = repository::files("src/config", ".rs").into_iter().filter(|path| path != LIST);
    let texts = sources.flat_map(|path| Source::read(&path).texts);
    let read: BTreeSet<_> = texts.filter(|text| text.len() > 3 && is_name(text)).collect();
    let mend = format!("write every setting that src/config reads into {LIST}, and nothing else:");
    expect_same(("src/config", &read), (LIST, &names()), &mend);
}
