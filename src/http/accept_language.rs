//! The languages that a user reads: by the request, by their token, by their browser.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;
use crate::auth::Identity;
use crate::policy::{Languages, accept_language, language_tag};

/// Well-formed language tags, the most wanted first.
#[derive(Debug)]
pub(super) struct AcceptLanguage(pub Vec<String>);

impl FromRequest for AcceptLanguage {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        ready(Ok(Self(value.map(accept_language).unwrap_or_default())))
    }
}

/// The languages of a user: asked for, claimed, accepted.
pub(super) fn languages(
    asked: Option<String>,
    identity: &Identity,
    accepted: Vec<String>,
) -> Result<Languages, Problem> {
    let malformed = || Problem::invalid("language", "Send a language tag such as `es` or `es-MX`.");
    let asked = asked.map(|tag| language_tag(&tag).ok_or_else(malformed)).transpose()?;
    // What the token claims is somebody else's to mend: a malformed language there is passed over.
    let claimed = identity.language.as_deref().and_then(language_tag);
    Ok(Languages { asked, known: claimed.into_iter().chain(accepted).collect() })
}
