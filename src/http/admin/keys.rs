//! `/v1/admin/users/{id}/keys`: the keys of a user, which operators may store, check and delete, and never see.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::super::Edge;
use super::super::body::Body;
use super::super::operator::Operator;
use super::super::problem::Problem;
use super::super::provider_keys::{Holder, provider_of};
use super::subject;

async fn holder(operator: Operator, request: &HttpRequest, edge: &Edge) -> Result<Holder, Problem> {
    Ok(Holder { origin: operator.0, user: subject::of(request, edge).await? })
}

pub(in super::super) async fn list(
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    Ok(Json(holder(operator, &request, &edge).await?.list(&edge).await?))
}

pub(in super::super) async fn put(
    body: Body,
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    let (holder, provider) = (holder(operator, &request, &edge).await?, provider_of(&request).await?);
    Ok(Json(holder.put(&edge, provider, body.required_json()?).await?))
}

pub(in super::super) async fn validate(
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<impl Serialize + use<>>, Problem> {
    let (holder, provider) = (holder(operator, &request, &edge).await?, provider_of(&request).await?);
    Ok(Json(holder.validate(&edge, &provider).await?))
}

pub(in super::super) async fn delete(
    operator: Operator,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let (holder, provider) = (holder(operator, &request, &edge).await?, provider_of(&request).await?);
    holder.delete(&edge, &provider).await?;
    Ok(HttpResponse::NoContent().finish())
}
