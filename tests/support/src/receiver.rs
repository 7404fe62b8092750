//! A webhook's receiver: it remembers what it was sent, and answers as it is told.

use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

/// A message that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`
    pub timestamp: String,
    /// `webhook-signature`
    pub signature: String,
    /// The path that it came to.
    pub path: String,
    /// The body, to the byte.
    pub body: String,
}

/// A receiver on this machine. It takes everything until it is told otherwise.
pub struct Receiver {
    base: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

#[derive(Default)]
struct Shared {
    /// 0 stands for 204.
    status: Mutex<u16>,
    received: Mutex<Vec<Received>>,
}

impl Receiver {
    /// Starts one.
    pub async fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let data = Data::from(shared.clone());
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(receive)));
        let server = server.workers(1).disable_signals().shutdown_timeout(0).listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base, shared, handle }
    }

    /// Where it takes messages.
    pub fn url(&self) -> String {
        format!("{}/alerts", self.base)
    }

    /// Answers with this status from now on. A redirect leads to `/elsewhere`, which is taken too.
    pub fn answer(&self, status: u16) {
        *self.shared.status.lock().unwrap() = status;
    }

    /// What came, in order.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Waits until so many messages came, and gives them.
    pub async fn expect(&self, count: usize) -> Vec<Received> {
        super::app::eventually(async || self.received().len(), &count).await;
        self.received()
    }

    /// Goes away.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn receive(request: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let header = |name: &str| {
        request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    shared.received.lock().unwrap().push(Received {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        path: request.path().to_owned(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let status = *shared.status.lock().unwrap();
    let status = StatusCode::from_u16(if status == 0 { 204 } else { status }).unwrap();
    HttpResponse::build(status).insert_header(("location", "/elsewhere")).finish()
}
