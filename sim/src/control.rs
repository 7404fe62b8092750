//! The simulator's own routes, for those who meet it over HTTP: under `/_sim/`, without a key, never recorded.

use actix_web::{
    HttpResponse, ResponseError as _,
    dev::HttpServiceFactory,
    web::{self, Bytes, Data, Path},
};
use serde_json::json;

use crate::{Account, api_error::ApiError, faults::Plan, provider, simulation::Simulation};

/// The routes under `/_sim/`.
pub(crate) fn routes() -> impl HttpServiceFactory {
    web::scope("/_sim")
        .route("/requests", web::get().to(list_requests))
        .route("/requests", web::delete().to(forget_requests))
        .route("/fault", web::put().to(set_fault))
        .route("/fault", web::delete().to(clear_fault))
        .route("/calls", web::get().to(list_calls))
        .route("/calls", web::delete().to(drop_calls))
        .route("/calls/{id}", web::delete().to(drop_call))
        .route("/calls/{id}/end", web::post().to(end_call))
        .route("/accounts", web::put().to(put_account))
        .default_service(web::to(provider::unknown_path))
}

async fn list_requests(simulation: Data<Simulation>) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "minted": simulation.minted(),
        "requests": simulation.journal.all(),
    }))
}

async fn forget_requests(simulation: Data<Simulation>) -> HttpResponse {
    simulation.journal.clear();
    HttpResponse::NoContent().finish()
}

async fn list_calls(simulation: Data<Simulation>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "calls": simulation.calls.all() }))
}

/// The provider goes in the middle of every call.
async fn drop_calls(simulation: Data<Simulation>) -> HttpResponse {
    simulation.calls.cut_all();
    HttpResponse::NoContent().finish()
}

async fn drop_call(id: Path<String>, simulation: Data<Simulation>) -> HttpResponse {
    done(simulation.calls.cut(&id))
}

async fn end_call(id: Path<String>, simulation: Data<Simulation>) -> HttpResponse {
    done(simulation.calls.end(&id))
}

fn done(found: bool) -> HttpResponse {
    if found { HttpResponse::NoContent().finish() } else { ApiError::CALL_NOT_FOUND.error_response() }
}

/// Adds an account with a key of its own, or changes what its key is worth.
async fn put_account(body: Bytes, simulation: Data<Simulation>) -> HttpResponse {
    match serde_json::from_slice::<Account>(&body) {
        Ok(account) => {
            simulation.accounts.put(account);
            HttpResponse::NoContent().finish()
        }
        Err(error) => HttpResponse::BadRequest().json(json!({ "error": { "message": error.to_string() } })),
    }
}

/// Takes JSON under any content type, so that a bare `curl -d` will do.
async fn set_fault(body: Bytes, simulation: Data<Simulation>) -> HttpResponse {
    match serde_json::from_slice::<Plan>(&body) {
        Ok(plan) => {
            simulation.faults.plan(plan);
            HttpResponse::NoContent().finish()
        }
        Err(error) => HttpResponse::BadRequest().json(json!({ "error": { "message": error.to_string() } })),
    }
}

async fn clear_fault(simulation: Data<Simulation>) -> HttpResponse {
    simulation.faults.clear();
    HttpResponse::NoContent().finish()
}
