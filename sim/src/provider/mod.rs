//! The provider's API, as far as it is simulated.

mod calls;
mod extract;
mod mint;
mod offer;

use actix_cors::Cors;
use actix_web::{
    HttpRequest, HttpResponse, Resource, Route,
    dev::HttpServiceFactory,
    http::Method,
    middleware::from_fn,
    web::{self, get, post, resource},
};

use crate::{api_error::ApiError, models, observe::observe, sockets};
use extract::Authorized;
pub(crate) use extract::{Bearer, CurrentShape, SentBody};

/// Every route but the simulator's own. Takes any path, so it has to come last.
pub(crate) fn routes() -> impl HttpServiceFactory {
    (for_browsers(), for_servers())
}

/// What browsers may call from any page. CORS is outermost, so that a page can read the answer of a fault, too.
fn for_browsers() -> impl HttpServiceFactory {
    let calls = web::scope("/v1/realtime/calls")
        .wrap(from_fn(observe))
        .wrap(cors())
        .service(only("", post().to(calls::call)))
        .service(only("/{id}/hangup", post().to(calls::hang_up)))
        .default_service(web::to(unknown_path));
    let translations = web::scope("/v1/realtime/translations/calls")
        .wrap(from_fn(observe))
        .wrap(cors())
        .service(only("", post().to(calls::translation_call)))
        .default_service(web::to(unknown_path));
    (calls, translations)
}

fn cors() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods([Method::POST])
        .allowed_headers(["authorization", "content-type", "x-openai-agents-sdk"])
        .expose_headers(["location", "x-request-id"])
        .max_age(600)
}

fn for_servers() -> impl HttpServiceFactory {
    web::scope("")
        .wrap(from_fn(observe))
        .service(only("/v1/realtime", get().to(sockets::open)))
        .service(only("/v1/realtime/client_secrets", post().to(mint::client_secret)))
        .service(only("/v1/realtime/translations/client_secrets", post().to(mint::translation_secret)))
        .service(only("/v1/models", get().to(list_models)))
        .default_service(web::to(unknown_path))
}

/// A path that takes one method.
fn only(path: &str, route: Route) -> Resource {
    resource(path).route(route).default_service(web::to(wrong_method))
}

async fn list_models(_: Authorized) -> HttpResponse {
    HttpResponse::Ok().json(models::list())
}

/// 404 in the provider's shape.
pub(crate) async fn unknown_path(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::unknown_path(request.method().as_str(), request.path()))
}

async fn wrong_method(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::method_not_supported(request.method().as_str(), request.path()))
}
