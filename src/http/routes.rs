//! The table of routes. A contract test holds it against `openapi.yaml`, both ways.

use actix_web::http::Method;
use actix_web::web::{self, PayloadConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};

use super::admin::{alerts, audit, budget, events, keys, mints, service, services, user, users};
use super::problem::Problem;
use super::service::{client_secrets as service_client_secrets, key};
use super::{
    MAX_BODY_BYTES, client_secrets, contract, generate_realtime_token, health, me, me_keys, me_settings,
    me_usage, metrics, pages, reports,
};
use crate::kernel::code::Code;

/// An address and the methods that it takes.
pub struct Endpoint {
    /// The address.
    pub path: &'static str,
    methods: Vec<(Method, Route)>,
}

impl Endpoint {
    /// The methods it takes.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().map(|(method, _)| method)
    }
}

/// Everything that there is.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        endpoint("/v1/realtime/client_secrets", vec![(Method::POST, web::post().to(client_secrets::post))]),
        endpoint(
            generate_realtime_token::PATH,
            vec![(Method::POST, web::post().to(generate_realtime_token::post))],
        ),
        endpoint("/v1/me", vec![(Method::DELETE, web::delete().to(me::delete))]),
        endpoint("/v1/me/keys", vec![(Method::GET, web::get().to(me_keys::list))]),
        endpoint(
            "/v1/me/keys/{provider}",
            vec![
                (Method::DELETE, web::delete().to(me_keys::delete)),
                (Method::PUT, web::put().to(me_keys::put)),
            ],
        ),
        endpoint("/v1/me/keys/{provider}/validate", vec![(Method::POST, web::post().to(me_keys::validate))]),
        endpoint(
            "/v1/me/settings",
            vec![
                (Method::DELETE, web::delete().to(me_settings::delete)),
                (Method::GET, web::get().to(me_settings::get)),
                (Method::PUT, web::put().to(me_settings::put)),
            ],
        ),
        endpoint("/v1/me/settings/preview", vec![(Method::POST, web::post().to(me_settings::preview))]),
        endpoint("/v1/me/usage", vec![(Method::GET, web::get().to(me_usage::get))]),
        endpoint("/v1/admin/users", vec![(Method::GET, web::get().to(users::get))]),
        endpoint(
            "/v1/admin/users/{id}",
            vec![
                (Method::DELETE, web::delete().to(user::delete)),
                (Method::GET, web::get().to(user::get)),
                (Method::PUT, web::put().to(user::put)),
            ],
        ),
        endpoint("/v1/admin/users/{id}/keys", vec![(Method::GET, web::get().to(keys::list))]),
        endpoint(
            "/v1/admin/users/{id}/keys/{provider}",
            vec![(Method::DELETE, web::delete().to(keys::delete)), (Method::PUT, web::put().to(keys::put))],
        ),
        endpoint(
            "/v1/admin/users/{id}/keys/{provider}/validate",
            vec![(Method::POST, web::post().to(keys::validate))],
        ),
        endpoint(
            "/v1/admin/services",
            vec![(Method::GET, web::get().to(services::get)), (Method::POST, web::post().to(services::post))],
        ),
        endpoint("/v1/admin/services/{name}", vec![(Method::DELETE, web::delete().to(service::delete))]),
        endpoint("/v1/admin/services/{name}/rotate", vec![(Method::POST, web::post().to(service::rotate))]),
        endpoint("/v1/admin/mints", vec![(Method::GET, web::get().to(mints::get))]),
        endpoint("/v1/admin/audit", vec![(Method::GET, web::get().to(audit::get))]),
        endpoint("/v1/admin/alerts", vec![(Method::GET, web::get().to(alerts::get))]),
        endpoint("/v1/admin/budget", vec![(Method::GET, web::get().to(budget::get))]),
        endpoint("/v1/admin/events", vec![(Method::GET, web::get().to(events::get))]),
        endpoint("/v1/admin/usage/{report}", vec![(Method::GET, web::get().to(reports::get))]),
        endpoint("/v1/service/users/{id}/keys/{provider}", vec![(Method::GET, web::get().to(key::get))]),
        endpoint(
            "/v1/service/users/{id}/client_secrets",
            vec![(Method::POST, web::post().to(service_client_secrets::post))],
        ),
        endpoint("/dashboard", vec![(Method::GET, web::get().to(pages::dashboard::page))]),
        endpoint("/dashboard/sign-in", vec![(Method::GET, web::get().to(pages::dashboard::sign_in))]),
        endpoint("/dashboard/{file}", vec![(Method::GET, web::get().to(pages::dashboard::part))]),
        endpoint("/me", vec![(Method::GET, web::get().to(pages::me::page))]),
        endpoint("/me/origins", vec![(Method::GET, web::get().to(pages::me::origins))]),
        endpoint("/me/{file}", vec![(Method::GET, web::get().to(pages::me::part))]),
        endpoint("/healthz", vec![(Method::GET, web::get().to(health::alive))]),
        endpoint("/readyz", vec![(Method::GET, web::get().to(health::ready))]),
        endpoint(metrics::PATH, vec![(Method::GET, web::get().to(metrics::get))]),
        endpoint("/openapi.yaml", vec![(Method::GET, web::get().to(contract::get))]),
    ]
}

fn endpoint(path: &'static str, methods: Vec<(Method, Route)>) -> Endpoint {
    Endpoint { path, methods }
}

/// Registers them, and what answers where there is nothing.
pub fn configure(config: &mut ServiceConfig) {
    config.app_data(PayloadConfig::new(MAX_BODY_BYTES));
    for Endpoint { path, methods } in endpoints() {
        let allowed = methods.iter().map(|(method, _)| method.as_str()).collect::<Vec<_>>().join(", ");
        let resource =
            methods.into_iter().fold(web::resource(path), |resource, (_, route)| resource.route(route));
        config.service(resource.default_service(web::to(move || method_not_allowed(allowed.clone()))));
    }
    config.default_service(web::to(not_found));
}

/// Registers the metrics and nothing else, for whoever reaches the listener.
pub fn configure_metrics(config: &mut ServiceConfig) {
    let resource = web::resource(metrics::PATH).route(web::get().to(metrics::get_openly));
    config.service(resource.default_service(web::to(|| method_not_allowed("GET".to_owned()))));
    config.default_service(web::to(only_metrics));
}

async fn only_metrics() -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound, "There is nothing here but /metrics."))
}

async fn not_found(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let path: String = request.path().chars().take(100).collect();
    Err(Problem::new(
        Code::NotFound,
        format!("There is nothing at {path}. The contract is at /openapi.yaml."),
    ))
}

async fn method_not_allowed(allowed: String) -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::MethodNotAllowed, format!("This address takes {allowed}.")).allowing(&allowed))
}
