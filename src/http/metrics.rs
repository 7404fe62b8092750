//! `GET /metrics`: what is counted, for operators.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::Edge;
use super::operator::Operator;
use crate::metrics::MEDIA_TYPE;

pub(super) async fn get(_: Operator, edge: Data<Edge>) -> HttpResponse {
    let (users, addresses) = edge.door.bursts.held();
    edge.metrics.burst_keys("user", users);
    edge.metrics.burst_keys("address", addresses);
    HttpResponse::Ok().content_type(MEDIA_TYPE).body(edge.metrics.text())
}
