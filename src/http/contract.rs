//! `GET /openapi.yaml`: the contract itself.

use actix_web::HttpResponse;

const CONTRACT: &str = include_str!("../../openapi.yaml");

pub(super) async fn get() -> HttpResponse {
    HttpResponse::Ok().content_type("application/yaml").body(CONTRACT)
}
