//! `GET` and `POST /v1/admin/services`: backends of the operator's own.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::super::Edge;
use super::super::body::Body;
use super::super::operator::Operator;
use super::super::problem::{Problem, sentence};
use crate::admin::Credential;
use crate::kernel::clock::rfc3339;
use crate::kernel::service::Service;
use crate::store::ServiceRecord;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    name: String,
    scopes: Vec<String>,
    #[serde(default)]
    providers: Vec<String>,
}

#[derive(Serialize)]
pub(in super::super) struct List {
    services: Vec<Shown>,
}

/// A backend, as operators see it.
#[derive(Serialize)]
struct Shown {
    name: String,
    scopes: Vec<&'static str>,
    providers: Vec<String>,
    created_at: String,
    rotated_at: String,
    old_secret_until: Option<String>,
    last_used_at: Option<String>,
}

/// A backend with its secret, which is shown this once.
#[derive(Serialize)]
pub(super) struct Shared {
    #[serde(flatten)]
    service: Shown,
    secret: String,
}

impl From<&ServiceRecord> for Shown {
    fn from(record: &ServiceRecord) -> Self {
        let Service { name, scopes, providers } = &record.service;
        Self {
            name: name.to_string(),
            scopes: scopes.iter().map(|scope| scope.as_str()).collect(),
            providers: providers.iter().map(ToString::to_string).collect(),
            created_at: rfc3339(record.created_at),
            rotated_at: rfc3339(record.rotated_at),
            old_secret_until: record.previous_until.map(rfc3339),
            last_used_at: record.last_used_at.map(rfc3339),
        }
    }
}

impl From<&Credential> for Shared {
    fn from(credential: &Credential) -> Self {
        let secret = credential.secret.expose_secret().to_owned();
        Self { service: Shown::from(&credential.record), secret }
    }
}

pub(in super::super) async fn get(_: Operator, edge: Data<Edge>) -> Result<Json<List>, Problem> {
    let services = edge.administration.services().await?;
    Ok(Json(List { services: services.iter().map(Shown::from).collect() }))
}

pub(in super::super) async fn post(
    body: Body,
    operator: Operator,
    edge: Data<Edge>,
) -> Result<HttpResponse, Problem> {
    let Request { name, scopes, providers } = body.required_json()?;
    let service = Service::parse(&name, &scopes, &providers);
    let service = service.map_err(|error| Problem::invalid(error.param(), sentence(&error)))?;
    let credential = edge.administration.add_service(&operator.0, &service).await?;
    Ok(HttpResponse::Created().json(Shared::from(&credential)))
}
