//! `deploy/Dockerfile` and what may be sent to whoever builds it.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::Setting;
use crate::compare::{expect_none, expect_same};
use crate::repository;
use crate::source::Source;

const PATH: &str = "deploy/Dockerfile";

/// The instructions of a Dockerfile, one for each line as it is meant.
pub(super) struct Dockerfile(Vec<(String, String)>);

impl Dockerfile {
    pub(super) fn read() -> Self {
        let text = repository::read(PATH).replace("\\\n", " ");
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let instruction = |line: &str| {
            let (word, rest) = line.split_once(' ').unwrap_or_else(|| panic!("{PATH}: {line}"));
            (word.to_owned(), rest.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        Self(lines.map(instruction).collect())
    }

    /// What stands after an instruction, each time that it is given.
    fn all<'a>(&'a self, word: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == word).map(|(_, rest)| rest.as_str())
    }

    /// What holds in the image: the last instruction, which has to be one of the last stage.
    fn last(&self, word: &str) -> &str {
        let stage =
            self.0.iter().rposition(|(given, _)| given == "FROM").expect("the Dockerfile has no FROM");
        let found = self.0[stage..].iter().rfind(|(given, _)| given == word);
        &found.unwrap_or_else(|| panic!("{PATH}: the last stage has no {word}")).1
    }

    fn variable(&self, name: &str) -> &str {
        let pairs = self.last("ENV").split_whitespace().filter_map(|pair| pair.split_once('='));
        pairs.filter(|(given, _)| *given == name).map(|(_, value)| value).next().expect(name)
    }

    pub(super) fn port(&self) -> u16 {
        let address: std::net::SocketAddr = self.variable("BIND_ADDR").parse().unwrap();
        assert!(address.ip().is_unspecified(), "{PATH}: nobody outside reaches {address}");
        assert_eq!(self.last("EXPOSE"), address.port().to_string(), "{PATH}: EXPOSE is not BIND_ADDR's port");
        address.port()
    }

    pub(super) fn user(&self) -> String {
        self.last("USER").split(':').next().unwrap().to_owned()
    }

    /// What is copied out of the repository.
    fn copied(&self) -> BTreeSet<String> {
        let lines = self.all("COPY").filter(|line| !line.starts_with("--from"));
        let sources = lines.flat_map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            words[..words.len() - 1].to_vec()
        });
        sources.map(str::to_owned).collect()
    }
}

pub(super) fn settings() -> Vec<Setting> {
    let file = Dockerfile::read();
    let pairs = file.last("ENV").split(' ').map(|pair| pair.split_once('=').expect("ENV NAME=value"));
    let setting =
        |(name, value): (&str, &str)| Setting { place: PATH, name: name.into(), value: value.into() };
    pairs.map(setting).collect()
}

/// The images that ours is made from.
pub(super) fn bases() -> Vec<(&'static str, String)> {
    let file = Dockerfile::read();
    file.all("FROM").map(|line| (PATH, line.split(' ').next().unwrap().to_owned())).collect()
}

#[test]
fn what_is_copied_is_there_and_let_in() {
    let copied = Dockerfile::read().copied();
    for path in &copied {
        assert!(
            Path::new(repository::ROOT).join(path).exists(),
            "{PATH} copies {path}: there is no such thing"
        );
    }
    let ignore = repository::read(".dockerignore");
    let let_in = ignore.lines().filter_map(|line| line.strip_prefix('!')).map(str::to_owned).collect();
    assert!(
        ignore.lines().any(|line| line == "*"),
        ".dockerignore: begin with `*`, or .env and target go in"
    );
    expect_same((PATH, &copied), (".dockerignore", &let_in), "let in what is copied, and nothing else:");
}

#[test]
fn what_the_program_is_made_of_is_copied() {
    let copied = Dockerfile::read().copied();
    let is_copied = |path: &Path| copied.iter().any(|place| path.starts_with(place));
    let mut missing = Vec::new();
    for path in repository::files("src", ".rs") {
        let folder = Path::new(&path).parent().unwrap();
        let embedded = Source::read(&path).texts.into_iter().filter(|text| text.starts_with("../"));
        for place in embedded.map(|text| resolved(&folder.join(text))) {
            if !is_copied(&place) {
                missing.push(format!("{path} has {} in it", place.display()));
            }
        }
    }
    let manifest: toml::Table = repository::read("Cargo.toml").parse().unwrap();
    for member in manifest["workspace"]["members"].as_array().unwrap() {
        let member = member.as_str().unwrap();
        missing
            .extend((!is_copied(Path::new(member))).then(|| format!("Cargo.toml has the member {member}")));
    }
    expect_none(&missing, "copy it in deploy/Dockerfile and let it in with .dockerignore:");
}

/// A path without `..`.
fn resolved(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leads out of the repository", path.display()),
            part => plain.push(part),
        }
    }
    plain
}

#[test]
fn the_program_is_built_for_handing_out() {
    let file = Dockerfile::read();
    let build = file.all("RUN").find(|line| line.contains("cargo build")).expect("nothing is built");
    for flag in ["--no-default-features", "--locked", "--profile dist", "--bin ephemint"] {
        assert!(build.contains(flag), "{PATH}: build with {flag}");
    }
    let rust = concat!("rust:", env!("CARGO_PKG_RUST_VERSION"), "-");
    assert!(
        file.all("FROM").next().unwrap().starts_with(rust),
        "{PATH}: build with the Rust of Cargo.toml, {rust}…"
    );
    let manifest: toml::Table = repository::read("Cargo.toml").parse().unwrap();
    let profile = manifest["profile"]["dist"].as_table().unwrap();
    assert_eq!(profile["inherits"].as_str(), Some("release"));
    assert!(!profile.contains_key("panic"), "a request that panics would take all others along");
}

#[test]
fn the_image_is_careful() {
    let file = Dockerfile::read();
    let user: u32 =
        file.user().parse().expect("name the user by number, so that Kubernetes sees that it isn't root");
    assert_ne!(user, 0, "{PATH}: not as root");
    let program = "/usr/local/bin/ephemint";
    assert!(file.all("COPY").any(|line| line.ends_with(program)), "{PATH}: where is the program?");
    assert_eq!(file.last("ENTRYPOINT"), format!("[\"{program}\"]"));
    assert_eq!(file.last("CMD"), "[\"serve\"]");
    let check = file.last("HEALTHCHECK");
    assert!(
        check.ends_with(&format!("CMD [\"{program}\", \"health\"]")),
        "{PATH}: there is no shell in it: {check}"
    );
    let data = file.variable("DATA_DIR");
    assert_eq!(file.last("VOLUME"), data, "{PATH}: the embedded store is not on the volume");
    let owned = format!("--chown={user}:{user} {data} {data}");
    assert!(file.all("COPY").any(|line| line.ends_with(&owned)), "{PATH}: {data} is not the service's own");
}
