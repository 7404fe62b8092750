//! `GET /v1/admin/mints`: the ledger, newest first.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::operator::Operator;
use super::super::problem::Problem;
use super::super::{Edge, query};
use super::subject;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::MintId;
use crate::kernel::key_source::KeySource;
use crate::store::{LedgerRow, MintPage, Outcome};

/// The end of time, as far as RFC 3339 can say it, in seconds since 1970.
const LATEST: i64 = 253_402_300_799;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    user: Option<String>,
    issuer: Option<String>,
    role: Option<String>,
    outcome: Option<String>,
    key_source: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize)]
pub(in super::super) struct Answer {
    mints: Vec<Mint>,
    next_cursor: Option<String>,
}

/// A row of the ledger.
#[derive(Serialize)]
pub(super) struct Mint {
    id: String,
    created_at: String,
    /// None, as is the user's id, where the user was erased.
    issuer: Option<String>,
    user_id: Option<String>,
    role: String,
    language: String,
    session_type: String,
    model: String,
    key_source: String,
    outcome: String,
    latency_ms: Option<i32>,
    error: Option<String>,
}

impl From<LedgerRow> for Mint {
    fn from(row: LedgerRow) -> Self {
        let is_erased = row.user_id.is_empty();
        Self {
            id: row.id.0.to_string(),
            created_at: rfc3339(row.created_at),
            issuer: (!is_erased).then_some(row.issuer),
            user_id: (!is_erased).then_some(row.user_id),
            role: row.role,
            language: row.language,
            session_type: row.session_type,
            model: row.model,
            key_source: row.key_source,
            outcome: row.outcome,
            latency_ms: row.latency_ms,
            error: row.error,
        }
    }
}

pub(in super::super) async fn get(
    _: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<Answer>, Problem> {
    let page = page(query::read(&request)?, &edge)?;
    let rows = edge.administration.mints(&page).await?;
    let next_cursor = query::next_cursor(&rows, page.limit, |row| row.id.0.to_string());
    Ok(Json(Answer { mints: rows.into_iter().map(Mint::from).collect(), next_cursor }))
}

fn page(asked: Query, edge: &Edge) -> Result<MintPage, Problem> {
    let (from, to) = (query::time("from", asked.from.as_deref())?, query::time("to", asked.to.as_deref())?);
    let (from, to) = (from.unwrap_or(DateTime::UNIX_EPOCH), to.unwrap_or_else(latest));
    if from >= to {
        return Err(Problem::invalid(
            "from",
            "`from` has to be before `to`: from it on, and up to but not at `to`.",
        ));
    }
    let user = match (&asked.user, &asked.issuer) {
        (Some(user), issuer) => Some(subject::named(edge, issuer.as_deref(), user, "user")?.key),
        (None, Some(_)) => return Err(subject::issuer_without_user()),
        (None, None) => None,
    };
    if asked.role.as_ref().is_some_and(|role| role.contains('\0')) {
        return Err(Problem::invalid("role", "No role has a NUL in its name."));
    }
    Ok(MintPage {
        user,
        role: asked.role,
        outcome: asked.outcome.as_deref().map(outcome).transpose()?,
        key_source: asked.key_source.as_deref().map(key_source).transpose()?,
        from,
        to,
        before: query::cursor::<Uuid>(asked.cursor.as_deref())?.map(MintId),
        limit: query::limit(asked.limit.as_deref())?,
    })
}

fn outcome(written: &str) -> Result<Outcome, Problem> {
    let known = || Outcome::ALL.map(Outcome::as_str).join(", ");
    let found = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == written);
    found.ok_or_else(|| Problem::invalid("outcome", format!("An outcome is one of: {}.", known())))
}

fn key_source(written: &str) -> Result<KeySource, Problem> {
    let known = || KeySource::ALL.map(KeySource::as_str).join(", ");
    let found = KeySource::ALL.into_iter().find(|source| source.as_str() == written);
    found.ok_or_else(|| Problem::invalid("key_source", format!("A key source is one of: {}.", known())))
}

fn latest() -> DateTime<Utc> {
    DateTime::from_timestamp(LATEST, 0).unwrap_or(DateTime::UNIX_EPOCH)
}
