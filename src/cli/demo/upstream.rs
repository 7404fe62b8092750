//! `GET /demo/upstream`: the newest request for a token that the provider got.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use ephemint_sim::{Recorded, Simulator};
use serde_json::{Map, Value, json};

use super::issuer::PEOPLE;
use crate::http::problem::Problem;
use crate::kernel::code::Code;

/// What the simulator was sent. A live provider's requests are not recorded.
#[derive(Clone)]
pub(super) struct Upstream(Option<Arc<Simulator>>);

impl Upstream {
    pub(super) fn new(simulator: Option<Arc<Simulator>>) -> Self {
        Self(simulator)
    }

    pub(super) fn configure(&self, routes: &mut ServiceConfig) {
        let upstream = self.clone();
        let newest = move || {
            let answer = upstream.newest();
            async { answer }
        };
        routes.route("/demo/upstream", web::get().to(newest));
    }

    fn newest(&self) -> Result<HttpResponse, Problem> {
        let Some(simulator) = &self.0 else {
            return Err(Problem::new(
                Code::NotFound,
                "Requests to the live provider are not recorded. Run the demo without --live to see them.",
            ));
        };
        let mut requests = simulator.requests().into_iter().rev();
        // Calls and their ends are the browser's own requests.
        let newest = requests.find(|request| request.path.ends_with("/realtime/client_secrets"));
        let newest =
            newest.ok_or_else(|| Problem::new(Code::NotFound, "The provider has not been asked yet."))?;
        Ok(HttpResponse::Ok().json(shown(&newest)))
    }
}

fn shown(request: &Recorded) -> Value {
    let owner = PEOPLE.iter().find(|person| Some(person.id) == request.account.as_deref());
    let key = match owner {
        Some(person) => format!("Bearer sk-… ({}'s own key, opened for this request)", person.name),
        None if request.key_ok => "Bearer sk-… (the operator's key, kept by the server)".to_owned(),
        None => "not the right key".to_owned(),
    };
    let mut headers = Map::new();
    headers.insert("authorization".to_owned(), json!(key));
    for (name, value) in [
        ("content-type", &request.content_type),
        ("openai-organization", &request.organization),
        ("openai-project", &request.project),
        ("openai-safety-identifier", &request.safety_identifier),
    ] {
        if let Some(value) = value {
            headers.insert(name.to_owned(), json!(value));
        }
    }
    json!({
        "method": request.method,
        "path": request.path,
        "headers": headers,
        "body": request.body,
        "status": request.status,
        "paid_by": owner.map(|person| person.name),
    })
}
