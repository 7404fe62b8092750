//! `GET /v1/admin/budget`: what was spent today and this month, by estimate, against the policy's budget.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::super::operator::Operator;
use super::super::problem::Problem;
use super::super::{Edge, query};
use crate::alerts::Span;
use crate::kernel::clock::rfc3339_seconds;
use crate::kernel::money::decimal;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    tz: Option<String>,
}

#[derive(Serialize)]
pub(in super::super) struct Answer {
    currency: Option<String>,
    /// Until calls are metered, always.
    estimate: bool,
    tz: &'static str,
    spans: Vec<Shown>,
}

/// Amounts are text: a decimal number that is read as a binary one is not the same amount any more.
#[derive(Serialize)]
struct Shown {
    per: &'static str,
    from: String,
    to: String,
    amount: Option<String>,
    spent: String,
    unpriced_tokens: i64,
}

impl Shown {
    fn new(span: &Span, tz: Tz) -> Self {
        Self {
            per: span.per,
            from: rfc3339_seconds(&span.from.with_timezone(&tz)),
            to: rfc3339_seconds(&span.to.with_timezone(&tz)),
            amount: span.amount.map(decimal),
            spent: decimal(span.spent.millionths),
            unpriced_tokens: span.spent.unpriced_tokens,
        }
    }
}

pub(in super::super) async fn get(
    _: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<Answer>, Problem> {
    let asked: Query = query::read(&request)?;
    let tz = asked.tz.as_deref().map(zone).transpose()?;
    let spending = edge.alerts.spending(tz).await?;
    Ok(Json(Answer {
        currency: spending.currency,
        estimate: true,
        tz: spending.tz.name(),
        spans: spending.spans.iter().map(|span| Shown::new(span, spending.tz)).collect(),
    }))
}

fn zone(written: &str) -> Result<Tz, Problem> {
    let mend = "Write a zone of the time zone database, such as Europe/Madrid, America/Mexico_City or UTC.";
    written.parse().map_err(|_| Problem::invalid("tz", mend))
}
