//! `GET /v1/admin/users`: the users about whom something was decided.

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};

use super::super::operator::Operator;
use super::super::problem::Problem;
use super::super::{Edge, query};
use super::user::Shown;
use crate::kernel::hex::{hex, unhex};
use crate::kernel::user::{User, UserKey};
use crate::store::UserPage;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    prefix: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize)]
pub(in super::super) struct Answer {
    users: Vec<Shown>,
    next_cursor: Option<String>,
}

/// The user with whom a page ended.
struct Cursor(String, UserKey);

impl Cursor {
    fn after(user: &User) -> String {
        format!("{}{}", hex(user.key.as_bytes()), hex(user.id.as_bytes()))
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(written: &str) -> Result<Self, ()> {
        let bytes = unhex(written).ok_or(())?;
        let (key, id) = bytes.split_at_checked(32).ok_or(())?;
        let id = String::from_utf8(id.to_vec()).map_err(|_| ())?;
        if id.contains('\0') {
            return Err(());
        }
        Ok(Self(id, UserKey::from_bytes(key).ok_or(())?))
    }
}

pub(in super::super) async fn get(
    _: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<Answer>, Problem> {
    let asked: Query = query::read(&request)?;
    let limit = query::limit(asked.limit.as_deref())?;
    let prefix = asked.prefix.unwrap_or_default();
    if prefix.contains('\0') {
        return Err(Problem::invalid("prefix", "No user's id has a NUL in it."));
    }
    let after = query::cursor::<Cursor>(asked.cursor.as_deref())?.map(|Cursor(id, key)| (id, key));
    let page = UserPage { prefix, after, limit };
    let records = edge.administration.users(&page).await?;
    let next_cursor = query::next_cursor(&records, limit, |record| Cursor::after(&record.user));
    Ok(Json(Answer { users: records.iter().map(Shown::from).collect(), next_cursor }))
}
