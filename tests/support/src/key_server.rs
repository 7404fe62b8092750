//! An issuer's web server: it publishes a configuration and a key set, and can be told to misbehave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::{Value, json};
use tokio::sync::{RwLock, RwLockWriteGuard};

use super::keys::SigningKey;

const KEYS: &str = "/keys";
const CONFIGURATION: &str = "/.well-known/openid-configuration";

/// A key server on this machine.
pub struct KeyServer {
    base: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

#[derive(Default)]
struct Shared {
    behaviour: Mutex<Behaviour>,
    asked: Mutex<Vec<String>>,
    gate: RwLock<()>,
}

/// What the server answers when it is asked for keys.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// The status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it takes.
    pub delay: Duration,
    /// What its configuration says; none: as it should be.
    pub configuration: Option<Value>,
}

impl Default for Behaviour {
    fn default() -> Self {
        let body = json!({"keys": []}).to_string().into_bytes();
        Self { status: 200, headers: Vec::new(), body, delay: Duration::ZERO, configuration: None }
    }
}

impl KeyServer {
    /// One that publishes these keys.
    pub async fn start(keys: &[&SigningKey]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let data = Data::from(shared.clone());
        let own = base.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(Data::new(own.clone()))
                .default_service(web::to(answer))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        let server = Self { base, shared, handle };
        server.publish(keys);
        server
    }

    /// Where it is, without a slash at the end; also the name of the issuer whose configuration it publishes.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where its key set is.
    pub fn keys_url(&self) -> String {
        format!("{}{KEYS}", self.base)
    }

    /// Publishes these keys and no others from now on.
    pub fn publish(&self, keys: &[&SigningKey]) {
        self.publish_raw(keys.iter().map(|key| key.jwk()).collect());
    }

    /// Publishes keys as they are written here.
    pub fn publish_raw(&self, keys: Vec<Value>) {
        let body = json!({ "keys": keys }).to_string().into_bytes();
        self.behave(Behaviour { body, ..Behaviour::default() });
    }

    /// Behaves so from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    /// How often the key set was asked for.
    pub fn fetches(&self) -> usize {
        self.asked().iter().filter(|path| *path == KEYS).count()
    }

    /// Every path that was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Lets nobody have an answer for as long as the guard lives.
    pub async fn hold(&self) -> RwLockWriteGuard<'_, ()> {
        self.shared.gate.write().await
    }

    /// Goes away.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn answer(request: HttpRequest, shared: Data<Shared>, base: Data<String>) -> HttpResponse {
    shared.asked.lock().unwrap().push(request.path().to_owned());
    let _open = shared.gate.read().await;
    let behaviour = shared.behaviour.lock().unwrap().clone();
    tokio::time::sleep(behaviour.delay).await;
    if request.path().ends_with(CONFIGURATION) {
        let usual = || json!({"issuer": base.as_str(), "jwks_uri": format!("{}{KEYS}", base.as_str())});
        return HttpResponse::Ok().json(behaviour.configuration.unwrap_or_else(usual));
    }
    let mut response = HttpResponse::build(StatusCode::from_u16(behaviour.status).unwrap());
    for header in behaviour.headers {
        response.insert_header(header);
    }
    response.body(behaviour.body)
}
