//! `GET /v1/admin/audit`: who did what to whom, newest first.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::super::operator::Operator;
use super::super::problem::Problem;
use super::super::{Edge, query};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::ActId;
use crate::store::{AuditRow, Named};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize)]
pub(in super::super) struct Answer {
    audit: Vec<Entry>,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    at: String,
    actor: String,
    actor_user: Option<Somebody>,
    address: Option<String>,
    action: String,
    target: Option<Somebody>,
    detail: Option<Value>,
    request_id: Option<String>,
    result: String,
    count: i64,
}

/// A user; without a name where they were erased.
#[derive(Serialize)]
struct Somebody {
    pseudonym: String,
    issuer: Option<String>,
    user_id: Option<String>,
}

impl From<Named> for Somebody {
    fn from(named: Named) -> Self {
        let (issuer, user_id) = named.name.unzip();
        Self { pseudonym: named.pseudonym.to_string(), issuer, user_id }
    }
}

impl From<AuditRow> for Entry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id.0.to_string(),
            at: rfc3339(row.at),
            actor: row.actor,
            actor_user: row.actor_user.map(Somebody::from),
            address: row.address,
            action: row.action,
            target: row.target.map(Somebody::from),
            detail: row.detail.and_then(|text| serde_json::from_str(&text).ok()),
            request_id: row.request_id,
            result: row.result,
            count: row.count,
        }
    }
}

pub(in super::super) async fn get(
    _: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<Answer>, Problem> {
    let asked: Query = query::read(&request)?;
    let limit = query::limit(asked.limit.as_deref())?;
    let before = query::cursor::<Uuid>(asked.cursor.as_deref())?.map_or(ActId::LAST, ActId);
    let rows = edge.administration.acts(before, limit).await?;
    let next_cursor = query::next_cursor(&rows, limit, |row| row.id.0.to_string());
    Ok(Json(Answer { audit: rows.into_iter().map(Entry::from).collect(), next_cursor }))
}
