//! `GET /v1/admin/alerts`: what was raised, newest first.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::operator::Operator;
use super::super::problem::Problem;
use super::super::{Edge, query};
use crate::alerts::ListedAlert;
use crate::kernel::ids::AlertId;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize)]
pub(in super::super) struct Answer {
    alerts: Vec<ListedAlert>,
    next_cursor: Option<String>,
}

pub(in super::super) async fn get(
    _: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<Answer>, Problem> {
    let asked: Query = query::read(&request)?;
    let limit = query::limit(asked.limit.as_deref())?;
    let before = query::cursor::<Uuid>(asked.cursor.as_deref())?.map_or(AlertId::LAST, AlertId);
    let rows = edge.alerts.page(before, limit).await?;
    let next_cursor = query::next_cursor(&rows, limit, |row| row.id.0.to_string());
    Ok(Json(Answer { alerts: rows.iter().map(ListedAlert::from).collect(), next_cursor }))
}
