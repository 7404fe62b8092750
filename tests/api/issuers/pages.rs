//! The lines of docs/identity.md, as they stand there, with a token in the shape of each sign-in.

use std::collections::BTreeSet;
use std::path::Path;

use ephemint::config::VARIABLES;
use ephemint_test_support::{Behaviour, KeyServer, SigningKey, sign_hs256};

use super::*;

const PAGE: &str = include_str!("../../../docs/identity.md");
const SECRET: &str = "a-secret-for-what-says-change-me-0123456789";

/// The lines of a section's block of this kind.
fn block(section: &str, kind: &str) -> Option<&'static str> {
    let (_, rest) = PAGE.split_once(&format!("\n## {section}\n"))?;
    let own = rest.split("\n## ").next()?;
    let (_, block) = own.split_once(&format!("\n```{kind}\n"))?;
    block.split("```").next()
}

fn fixtures() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/identity");
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| serde_json::from_str(&std::fs::read_to_string(file.unwrap().path()).unwrap()).unwrap())
        .collect()
}

fn text<'f>(fixture: &'f Value, member: &str) -> &'f str {
    fixture[member].as_str().unwrap()
}

/// Text of the page or of a fixture, with the vendor's servers replaced by ours.
fn at_home(text: &str, fixture: &Value, server: &KeyServer) -> String {
    let servers = fixture["servers"].as_array().unwrap().iter().map(|server| server.as_str().unwrap());
    servers.fold(text.to_owned(), |text, vendor| text.replace(vendor, server.base()))
}

/// A sign-in as a fixture describes it.
struct SignIn {
    server: KeyServer,
    /// A token of its shape.
    token: String,
    /// The same for an application that is not ours.
    for_another: String,
}

async fn sign_in(fixture: &Value) -> SignIn {
    let server = KeyServer::start(&[]).await;
    let own: Value =
        serde_json::from_str(&at_home(&fixture["claims"].to_string(), fixture, &server)).unwrap();
    let other = with(own.clone(), &json!({"aud": "another", "azp": "another", "client_id": "another"}));
    let alg = text(fixture, "alg");
    let sign: Box<dyn Fn(&Value) -> String> = if alg == "HS256" {
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        Box::new(|claims| sign_hs256(header, claims.to_string().as_bytes(), SECRET.as_bytes()))
    } else {
        let key = if alg == "ES256" { SigningKey::p256("k") } else { SigningKey::rsa("k") };
        let mut jwk = key.jwk();
        if fixture["key_has_alg"] == true {
            jwk["alg"] = json!(alg);
        }
        server.behave(Behaviour {
            body: json!({"keys": [jwk]}).to_string().into_bytes(),
            configuration: Some(json!({"issuer": own["iss"], "jwks_uri": server.keys_url()})),
            ..Behaviour::default()
        });
        Box::new(move |claims| key.sign(alg, claims))
    };
    let (token, for_another) = (sign(&own), sign(&other));
    SignIn { server, token, for_another }
}

async fn expect_in(app: &TestApp, fixture: &Value, token: &str) {
    let section = text(fixture, "section");
    let answer = usage(app, token).await;
    assert_eq!(
        (answer.status, &answer.json()["role"]),
        (200, &fixture["role"]),
        "{section}: {}",
        answer.text
    );
    assert_eq!(mint(app, token).await.status, 200, "{section}");
    let named = app.instructions_upstream();
    match fixture["name"].as_str() {
        Some(name) => assert!(named.contains(&format!("\"{name}\"")), "{section}: {named}"),
        None => assert!(named.contains("do not know the teacher's name"), "{section}: {named}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_for_each_sign_in_let_its_users_in() {
    for fixture in fixtures() {
        let SignIn { server, token, for_another } = sign_in(&fixture).await;
        let section = text(&fixture, "section");
        let lines =
            block(section, "sh").unwrap_or_else(|| panic!("docs/identity.md has no lines for {section}"));
        assert_eq!(lines.lines().count(), 5, "{section}: five lines to copy");
        let mut setup = Setup::default().set("JWT_SECRET", "").set("JWT_ISSUER", "");
        for line in lines.lines() {
            let (name, value) = line.split_once('=').unwrap();
            let (name, _) = VARIABLES.iter().find(|(known, _)| *known == name).unwrap();
            let value = if value.starts_with("change-me") { SECRET } else { value };
            setup = setup.set(name, &at_home(value, &fixture, &server));
        }
        let app = start(setup).await;
        expect_in(&app, &fixture, &token).await;
        assert_eq!(usage(&app, &for_another).await.error(), error(401, "unauthorized"), "{section}");
        app.stop().await;
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_for_several_let_the_users_of_each_in() {
    let all = fixtures();
    let find = |section: &str| all.iter().find(|fixture| fixture["section"] == section).unwrap();
    let (entra, school) = (find("Entra"), find("Supabase with the legacy secret"));
    let (staff, students) = (sign_in(entra).await, sign_in(school).await);
    let block = block("Several at once", "toml").unwrap();
    let block = at_home(&at_home(block, entra, &staff.server), school, &students.server);
    let policy = format!("{block}\n{}", ephemint::policy::Policy::BUILT_IN);
    let setup = Setup { policy: Some(policy), ..asymmetric() }.set("SCHOOL_JWT_SECRET", SECRET);
    let app = start(setup).await;
    expect_in(&app, entra, &staff.token).await;
    expect_in(&app, school, &students.token).await;
    for token in [&staff.for_another, &students.for_another] {
        assert_eq!(usage(&app, token).await.error(), error(401, "unauthorized"));
    }
    app.stop().await;
    staff.server.stop().await;
    students.server.stop().await;
}

#[test]
fn every_sign_in_of_the_page_is_tried() {
    let sections = PAGE.split("\n## ").skip(1).filter_map(|section| section.lines().next());
    let written: BTreeSet<_> =
        sections.filter(|section| block(section, "sh").is_some()).map(str::to_owned).collect();
    let tried: BTreeSet<_> = fixtures().iter().map(|fixture| text(fixture, "section").to_owned()).collect();
    assert_eq!(written, tried);
    assert_eq!(tried.len(), 8);
}
