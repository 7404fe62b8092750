//! A collector: takes spans by OTLP over HTTP, and keeps them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;

/// A span as it came.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty where it has none.
    pub(crate) parent: String,
    pub(crate) kind: &'static str,
    pub(crate) began: u64,
    pub(crate) ended: u64,
    pub(crate) failed: bool,
    pub(crate) events: usize,
    attributes: Vec<String>,
}

impl Told {
    /// `name=value`, in order of the names.
    pub(crate) fn attributes(&self) -> Vec<&str> {
        self.attributes.iter().map(String::as_str).collect()
    }
}

#[derive(Debug, Default)]
struct Shared {
    bodies: Mutex<Vec<Bytes>>,
    keys: Mutex<Vec<String>>,
    hangs: AtomicBool,
}

pub(crate) struct Collector {
    base: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let data = Data::from(shared.clone());
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(take)));
        let server = server.workers(1).disable_signals().shutdown_timeout(0).listen(listener).unwrap().run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base, shared, handle }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Answers nobody from now on.
    pub(crate) fn hang(&self) {
        self.shared.hangs.store(true, Ordering::Relaxed);
    }

    /// All that it was sent, as it came.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.shared.bodies.lock().unwrap().concat()
    }

    /// What each batch had in the header `x-collector-key`, if it had it.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.shared.keys.lock().unwrap().clone()
    }

    pub(crate) fn spans(&self) -> Vec<Told> {
        let bodies = self.shared.bodies.lock().unwrap().clone();
        bodies.into_iter().flat_map(|body| read(&body)).collect()
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn take(request: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    assert_eq!((request.method().as_str(), request.path()), ("POST", "/v1/traces"));
    assert_eq!(request.headers().get("content-type").unwrap(), "application/x-protobuf");
    if shared.hangs.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let keys = request.headers().get_all("x-collector-key").map(|key| key.to_str().unwrap().to_owned());
    shared.keys.lock().unwrap().extend(keys);
    shared.bodies.lock().unwrap().push(body);
    HttpResponse::Ok().content_type("application/x-protobuf").finish()
}

fn read(body: &Bytes) -> Vec<Told> {
    let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let mut spans = Vec::new();
    for resource in request.resource_spans {
        let own = resource.resource.unwrap().attributes;
        assert!(own.iter().any(|pair| pair.key == "service.name"
            && text(pair.value.as_ref().unwrap().value.as_ref()) == "ephemint"));
        spans.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans).map(told));
    }
    spans
}

fn told(span: Span) -> Told {
    let pair = |pair: opentelemetry_proto::tonic::common::v1::KeyValue| {
        format!("{}={}", pair.key, text(pair.value.and_then(|value| value.value).as_ref()))
    };
    let kind = match span.kind() {
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Internal => "internal",
        _ => "another",
    };
    let failed = span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error);
    let mut attributes: Vec<String> = span.attributes.into_iter().map(pair).collect();
    attributes.sort();
    Told {
        name: span.name,
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        kind,
        began: span.start_time_unix_nano,
        ended: span.end_time_unix_nano,
        failed,
        events: span.events.len(),
        attributes,
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
