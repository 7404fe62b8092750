//! `DELETE /v1/admin/services/{name}` and `POST /v1/admin/services/{name}/rotate`: one backend's credential.

use std::time::Duration;

use actix_web::web::{Data, Json, Path};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::super::Edge;
use super::super::body::Body;
use super::super::operator::Operator;
use super::super::problem::{Problem, sentence};
use super::super::strict::Whole;
use super::services::Shared;
use crate::admin::MOST_GRACE;
use crate::kernel::service::ServiceName;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    grace_seconds: Option<Whole>,
}

pub(in super::super) async fn delete(
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    edge.administration.revoke_service(&operator.0, &named(&request).await?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in super::super) async fn rotate(
    body: Body,
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    let name = named(&request).await?;
    let grace = body.json::<Rotation>()?.grace()?;
    let credential = edge.administration.rotate_service(&operator.0, &name, grace).await?;
    Ok(Json(Shared::from(&credential)))
}

impl Rotation {
    fn grace(self) -> Result<Duration, Problem> {
        let grace = Duration::from_secs(self.grace_seconds.map_or(0, |Whole(seconds)| seconds.into()));
        if grace <= MOST_GRACE {
            return Ok(grace);
        }
        let detail = format!("The old secret may hold for 0 to {} seconds yet.", MOST_GRACE.as_secs());
        Err(Problem::invalid("grace_seconds", detail))
    }
}

async fn named(request: &HttpRequest) -> Result<ServiceName, Problem> {
    let path = Path::<String>::extract(request).await;
    let name = path.map_or_else(|_| String::new(), Path::into_inner).parse();
    name.map_err(|error| Problem::invalid("name", sentence(&error)))
}
