//! `GET /metrics`: what is counted, for operators. On a listener of its own, for whoever reaches it.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::Edge;
use super::operator::Operator;
use crate::metrics::MEDIA_TYPE;
use crate::store::{Connections, Load};

pub(super) const PATH: &str = "/metrics";

pub(super) async fn get(_: Operator, edge: Data<Edge>) -> HttpResponse {
    answer(&edge)
}

pub(super) async fn get_openly(edge: Data<Edge>) -> HttpResponse {
    answer(&edge)
}

fn answer(edge: &Edge) -> HttpResponse {
    look(edge);
    HttpResponse::Ok().content_type(MEDIA_TYPE).body(edge.metrics.text())
}

/// Looks at what is not counted as it happens.
fn look(edge: &Edge) {
    let (users, addresses) = edge.door.bursts.held();
    edge.metrics.burst_keys("user", users);
    edge.metrics.burst_keys("address", addresses);
    for Load { lane, waiting, connections } in edge.store.load() {
        edge.metrics.store_waiting(lane, waiting);
        if let Some(Connections { open, idle, most }) = connections {
            edge.metrics.store_connections(lane, open, idle, most);
        }
    }
    for set in edge.verifier.key_sets() {
        edge.metrics.key_set_usable(set.issuer, set.usable);
        if let Some((age, fresh_for)) = set.held {
            edge.metrics.key_set_age(set.issuer, age, fresh_for);
        }
    }
}
