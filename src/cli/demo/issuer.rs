//! The sign-in service of the demo: a few people, and tokens for them.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Json, ServiceConfig};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::{ClaimPath, sign};
use crate::http::problem::Problem;
use crate::kernel::clock::{Clock, SystemClock};
use crate::kernel::code::Code;

pub(super) const ISSUER: &str = "https://demo.invalid";
pub(super) const ROLE_CLAIM: &str = "app_metadata.role";
pub(super) const NAME_CLAIM: &str = "user_metadata.full_name";

/// How long a token lasts, in seconds.
const LIFE: i64 = 3600;

/// Somebody who can be picked on the page.
pub(super) struct Person {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) role: Option<&'static str>,
    /// Whether a key of their own is there from the beginning.
    pub(super) has_brought_key: bool,
}

/// One with a role that has to be given, and two who pick their own.
pub(super) const PEOPLE: [Person; 3] = [
    Person { id: "ana", name: "Ana", role: None, has_brought_key: true },
    Person { id: "rosa", name: "Rosa", role: Some("family"), has_brought_key: true },
    Person { id: "profe-luis", name: "Luis", role: Some("teacher"), has_brought_key: false },
];

/// Signs tokens for [`PEOPLE`].
#[derive(Clone)]
pub(super) struct Issuer(Arc<SecretString>);

#[derive(Deserialize)]
struct Request {
    user: String,
}

impl Issuer {
    pub(super) fn new(secret: SecretString) -> Self {
        Self(Arc::new(secret))
    }

    pub(super) fn configure(&self, routes: &mut ServiceConfig) {
        let issuer = self.clone();
        let sign_in = move |request: Json<Request>| {
            let issuer = issuer.clone();
            async move { issuer.sign_in(&request.user) }
        };
        routes.route("/demo/token", web::post().to(sign_in));
    }

    fn sign_in(&self, user: &str) -> Result<HttpResponse, Problem> {
        let person = PEOPLE.iter().find(|person| person.id == user);
        let person = person.ok_or_else(|| Problem::invalid("user", "Nobody of that name is in the demo."))?;
        let token = sign(&claims(person)?, &self.0).map_err(|_| broken())?;
        Ok(HttpResponse::Ok().json(json!({ "token": token })))
    }
}

fn claims(person: &Person) -> Result<Value, Problem> {
    let now = SystemClock.now().timestamp();
    let mut claims = json!({ "iss": ISSUER, "sub": person.id, "iat": now, "exp": now + LIFE });
    let texts = [(NAME_CLAIM, Some(person.name)), (ROLE_CLAIM, person.role)];
    for (path, text) in texts {
        if let Some(text) = text {
            path.parse::<ClaimPath>().map_err(|_| broken())?.put(&mut claims, text);
        }
    }
    Ok(claims)
}

fn broken() -> Problem {
    Problem::new(Code::Internal, "The demo's sign-in is broken.")
}
