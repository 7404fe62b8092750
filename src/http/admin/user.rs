//! `GET`, `PUT` and `DELETE /v1/admin/users/{id}`: what is decided about one user.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::super::Edge;
use super::super::body::Body;
use super::super::operator::Operator;
use super::super::problem::Problem;
use super::super::strict::Whole;
use super::subject;
use crate::kernel::clock::rfc3339;
use crate::store::{Decided, OwnLimit, UserRecord};

/// The longest name, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// The highest limit, as the policy has it.
const MOST_TOKENS: u32 = 1000;

/// All of it: what is left out is decided no more.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    role: Option<String>,
    display_name: Option<String>,
    #[serde(default)]
    disabled: bool,
    hourly_limit: Option<Whole>,
    hourly_limit_until: Option<String>,
}

/// A user, as operators see them.
#[derive(Serialize)]
pub(super) struct Shown {
    user_id: String,
    subject: String,
    issuer: String,
    role: Option<String>,
    display_name: Option<String>,
    disabled: bool,
    hourly_limit: Option<u16>,
    hourly_limit_until: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<&UserRecord> for Shown {
    fn from(record: &UserRecord) -> Self {
        let UserRecord { user, decided, created_at, updated_at } = record;
        Self {
            user_id: user.id.clone(),
            subject: user.subject().to_owned(),
            issuer: user.issuer.clone(),
            role: decided.role.clone(),
            display_name: decided.name.clone(),
            disabled: decided.disabled,
            hourly_limit: decided.hourly_limit.map(|own| own.tokens),
            hourly_limit_until: decided.hourly_limit.and_then(|own| own.until).map(rfc3339),
            created_at: rfc3339(*created_at),
            updated_at: rfc3339(*updated_at),
        }
    }
}

pub(in super::super) async fn get(
    _: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    let user = subject::of(&request, &edge).await?;
    Ok(Json(Shown::from(&edge.administration.user(&user.key).await?)))
}

pub(in super::super) async fn put(
    body: Body,
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    let user = subject::of(&request, &edge).await?;
    let decided = body.required_json::<Request>()?.decided()?;
    let record = edge.administration.put_user(&operator.0, &user, &decided).await?;
    Ok(Json(Shown::from(&record)))
}

pub(in super::super) async fn delete(
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let user = subject::of(&request, &edge).await?;
    edge.administration.erase_user(&operator.0, &user).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Request {
    fn decided(self) -> Result<Decided, Problem> {
        let hourly_limit = self.own_limit()?;
        let is_name = |name: &String| {
            !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES && !name.chars().any(char::is_control)
        };
        if self.display_name.as_ref().is_some_and(|name| !is_name(name)) {
            let detail =
                "A name has 1 to 255 bytes and no control characters. Leave it out to decide on none.";
            return Err(Problem::invalid("display_name", detail));
        }
        Ok(Decided { role: self.role, name: self.display_name, disabled: self.disabled, hourly_limit })
    }

    fn own_limit(&self) -> Result<Option<OwnLimit>, Problem> {
        let until = self.hourly_limit_until.as_deref().map(until).transpose()?;
        match (&self.hourly_limit, until) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let detail = "It says until when `hourly_limit` holds: send that too, or leave both out.";
                Err(Problem::invalid("hourly_limit_until", detail))
            }
            (Some(Whole(tokens)), until) => match u16::try_from(*tokens) {
                Ok(tokens) if u32::from(tokens) <= MOST_TOKENS => Ok(Some(OwnLimit { tokens, until })),
                _ => Err(Problem::invalid("hourly_limit", "A limit is 0 to 1000 tokens an hour.")),
            },
        }
    }
}

fn until(written: &str) -> Result<DateTime<Utc>, Problem> {
    let detail = "Write the time as RFC 3339 has it: 2026-11-20T12:00:00Z.";
    let time = DateTime::parse_from_rfc3339(written);
    time.map(|time| time.to_utc()).map_err(|_| Problem::invalid("hourly_limit_until", detail))
}
