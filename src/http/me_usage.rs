//! `GET /v1/me/usage`: what a user has used, and what is left.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;

use super::Edge;
use super::caller::Caller;
use super::problem::Problem;
use super::rate_limit::{self, RateLimit};
use crate::kernel::clock::rfc3339;
use crate::usage::Report;

#[derive(Serialize)]
struct Answer {
    role: String,
    rate_limit: RateLimit,
    tokens: Tokens,
    recent: Vec<Recent>,
}

#[derive(Serialize)]
struct Tokens {
    last_hour: i64,
    last_day: i64,
    last_30_days: i64,
}

#[derive(Serialize)]
struct Recent {
    created_at: String,
    role: String,
    language: String,
    outcome: String,
}

pub(super) async fn get(caller: Caller, edge: Data<Edge>) -> Result<HttpResponse, Problem> {
    let report = edge.usage.report(&caller.0).await?;
    let mut response = HttpResponse::Ok();
    let mut response = response.json(Answer::from(&report));
    rate_limit::write(&report.decision, response.headers_mut());
    Ok(response)
}

impl From<&Report> for Answer {
    fn from(report: &Report) -> Self {
        let recent = report.recent.iter().map(|mint| Recent {
            created_at: rfc3339(mint.created_at),
            role: mint.role.clone(),
            language: mint.language.clone(),
            outcome: mint.outcome.clone(),
        });
        Self {
            role: report.role.clone(),
            rate_limit: RateLimit::from(&report.decision),
            tokens: Tokens {
                last_hour: report.tokens.last_hour,
                last_day: report.tokens.last_day,
                last_30_days: report.tokens.last_30_days,
            },
            recent: recent.collect(),
        }
    }
}
