//! `deploy/`: what it says of the service has to be so. Whether Compose, systemd and Kubernetes understand it, they say
//! themselves: `scripts/check-deploy`.

mod compose;
mod image;
mod kubernetes;
mod unit;

use std::time::Duration;

use ephemint::config::{Environment, Kind, Server, VARIABLES, read_one};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

use self::image::Dockerfile;
use crate::compare::expect_none;
use crate::openapi;
use crate::repository;

/// The documents of a YAML file under `deploy/`.
fn yaml(path: &str) -> Vec<Value> {
    let text = repository::read(path);
    let documents = Yaml::load_from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    documents.iter().map(openapi::json).collect()
}

/// The texts of a list.
fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|item| item.as_str().expect("a text is missing")).collect()
}

/// One setting that a file under `deploy/` gives to the service.
struct Setting {
    place: &'static str,
    name: String,
    value: String,
}

/// How long the service may need to stop by default, and a moment for the process to end.
fn stopping() -> Duration {
    let nothing: Environment = std::iter::empty::<(&str, &str)>().collect();
    let server = read_one(&nothing, Server::read).unwrap();
    server.shutdown_timeout + Duration::from_secs(3)
}

#[test]
fn what_is_set_is_a_setting_and_secrets_are_files() {
    let settings = [image::settings(), compose::settings(), unit::settings(), kubernetes::settings()]
        .into_iter()
        .flatten();
    let mut wrong = Vec::new();
    for Setting { place, name, value } in settings {
        let kind = |name: &str| VARIABLES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
        let file = name.strip_suffix("_FILE").map(kind);
        match (kind(&name), file) {
            (Some(Kind::Plain), _) | (None, Some(Some(Kind::Secret))) => {}
            (Some(Kind::Secret), _) => {
                wrong.push(format!("{place}: {name}={value} is a secret: use {name}_FILE"))
            }
            _ => wrong.push(format!("{place}: nothing reads {name}")),
        }
    }
    expect_none(&wrong, "mend the settings under deploy/ (src/config/variables.rs has them all):");
}

#[test]
fn every_way_to_deploy_sets_what_has_to_be_set() {
    for settings in [compose::settings(), unit::settings(), kubernetes::settings()] {
        for name in ["JWT_SECRET_FILE", "OPENAI_API_KEY_FILE"] {
            assert!(settings.iter().any(|setting| setting.name == name), "{}: no {name}", settings[0].place);
        }
    }
}

#[test]
fn the_service_may_take_its_time_to_stop() {
    for (place, given) in [compose::stops_in(), unit::stops_in(), kubernetes::stops_in()] {
        assert!(
            given >= stopping(),
            "{place} kills the service after {given:?}; it may need {:?}",
            stopping()
        );
    }
}

#[test]
fn images_are_pinned_and_ours_has_the_version() {
    let mut wrong = Vec::new();
    for (place, name) in image::bases().into_iter().chain(compose::images()).chain(kubernetes::images()) {
        let (repository, tag) = name.rsplit_once(':').unwrap_or((name.as_str(), "latest"));
        let ours = repository.rsplit('/').next() == Some("ephemint");
        if tag == "latest" || (ours && tag != env!("CARGO_PKG_VERSION")) {
            wrong.push(format!("{place}: {name}"));
        }
    }
    expect_none(&wrong, "name each image with a version, our own with that of Cargo.toml:");
}

#[test]
fn everybody_knows_the_same_port_and_user() {
    let image = Dockerfile::read();
    let (port, user) = (image.port(), image.user());
    assert_eq!(compose::port(), port, "deploy/compose.yaml publishes another port than the image listens on");
    assert_eq!(kubernetes::port(), port, "the deployment names another port than the image listens on");
    assert_eq!(compose::data_user(), user, "deploy/compose.yaml: /data is somebody else's");
    assert_eq!(kubernetes::user(), user, "the deployment runs as another user than the image");
}
