//! House rules that can be read off the sources.

use crate::compare::expect_none;
use crate::repository;
use crate::source::Source;

/// The longest file, in lines.
const MOST_LINES: usize = 500;

/// Libraries that only some places may name.
const PLACES: &[(&[&str], &[&str], &str)] = &[
    (
        &["tokio_postgres", "deadpool_postgres", "tokio_postgres_rustls", "rusqlite", "refinery"],
        &["src/store/"],
        "store/ is the only place that knows a database",
    ),
    (
        &["actix_web", "actix_cors"],
        &["src/http/", "src/app/server.rs", "src/cli/demo"],
        "http/ is the only place that knows HTTP requests; app/ starts the server",
    ),
    (&["anyhow"], &["src/main.rs", "src/cli/", "src/app/"], "below app/ errors are typed"),
];

fn sources() -> impl Iterator<Item = Source> {
    repository::files("src", ".rs").into_iter().map(|path| Source::read(&path))
}

#[test]
fn libraries_are_named_in_their_places_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (libraries, places, reason) in PLACES {
            let at_home = places.iter().any(|place| source.path.starts_with(place));
            let named = libraries.iter().filter(|library| !at_home && source.names(library));
            wrong.extend(named.map(|library| format!("{} names {library}: {reason}", source.path)));
        }
    }
    expect_none(&wrong, "move it where it belongs, behind a type of our own:");
}

#[test]
fn every_place_of_a_library_is_real() {
    let sources: Vec<_> = sources().collect();
    let mut idle = Vec::new();
    for (libraries, places, _) in PLACES {
        for place in *places {
            let names = |source: &Source| libraries.iter().any(|library| source.names(library));
            if !sources.iter().any(|source| source.path.starts_with(place) && names(source)) {
                idle.push(format!("{place} names none of {}", libraries.join(", ")));
            }
        }
    }
    // The demo and main may do without.
    idle.retain(|line| !line.starts_with("src/cli/demo") && !line.starts_with("src/main.rs"));
    expect_none(&idle, "take the place out of PLACES in tests/contract/house.rs:");
}

#[test]
fn only_net_makes_http_requests() {
    let mut wrong = Vec::new();
    for source in sources().filter(|source| !source.path.starts_with("src/net/")) {
        for (i, _) in source.tokens.iter().enumerate().filter(|(_, token)| *token == "reqwest") {
            if source.tokens.get(i + 1..i + 3) != Some(&["::".to_owned(), "Url".to_owned()]) {
                wrong.push(format!("{} names more of reqwest than reqwest::Url", source.path));
            }
        }
    }
    expect_none(&wrong, "net/ is the only place that talks HTTP to anybody; ask it, or extend it:");
}

#[test]
fn lints_are_expected_never_allowed() {
    let mut wrong = Vec::new();
    for folder in ["src", "sim", "tests"] {
        for path in repository::files(folder, ".rs") {
            let allows = Source::read(&path).tokens.windows(2).any(|two| two[0] == "[" && two[1] == "allow");
            wrong.extend(allows.then_some(path));
        }
    }
    expect_none(&wrong, "write #[expect(…, reason = \"…\")]: it says so when it is no longer needed:");
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for folder in ["src", "sim", "tests"] {
        let sources = repository::files(folder, ".rs").into_iter().map(|path| Source::read(&path));
        let too_long = sources.filter(|source| source.lines > MOST_LINES);
        long.extend(too_long.map(|source| format!("{} has {} lines", source.path, source.lines)));
    }
    expect_none(&long, "no file has more than 500 lines: divide it by what its parts are about:");
}
