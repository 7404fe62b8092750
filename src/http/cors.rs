//! Which web sites may call: the configured origins, to the letter.

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};

use super::rate_limit::{RATE_LIMIT, RATE_LIMIT_POLICY};

/// How long browsers may remember a preflight, in seconds.
const MAX_AGE: usize = 600;

/// The rules for these origins.
pub fn cors(origins: &[String]) -> Cors {
    let rules = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE])
        .allowed_headers(["x-client-info", "apikey", "x-openai-agents-sdk", "x-request-id"])
        .expose_headers([LOCATION, RATE_LIMIT, RATE_LIMIT_POLICY, RETRY_AFTER])
        // By the date a page can tell when its token expires, though its own clock be wrong.
        .expose_headers([DATE])
        .expose_headers(["x-request-id"])
        .max_age(MAX_AGE);
    origins.iter().fold(rules, |rules, origin| rules.allowed_origin(origin))
}
