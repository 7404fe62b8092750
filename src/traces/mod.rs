//! Floor 1: traces across services, by the spans that this module makes and no others.
//!
//! They have in them what is written here: methods, routes, statuses, the request's id. Log lines stay out, for these have
//! users in them. Unless traces are sent somewhere, there are no spans but the request's, which log lines need.

#[cfg(feature = "traces")]
mod otlp;
#[cfg(not(feature = "traces"))]
mod without;

#[cfg(feature = "traces")]
use otlp as built_in;
#[cfg(not(feature = "traces"))]
use without as built_in;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use tracing::field::Empty;
use tracing::{Span, info_span, trace_span};
use tracing_subscriber::{Layer, Registry};

pub use built_in::Traces;

/// The header that says which trace a request belongs to (W3C Trace Context).
pub const TRACEPARENT: &str = "traceparent";

/// What spans of ours are known by.
const TARGET: &str = "ephemint::traces";

/// Sends spans, encoded as OTLP has it, or says why that failed.
pub type Send = Arc<dyn Fn(Bytes) -> Sending + std::marker::Send + Sync>;

/// Spans on their way.
pub type Sending = Pin<Box<dyn Future<Output = Result<(), String>> + std::marker::Send>>;

/// Takes spans out of what the program says.
pub type TraceLayer = Box<dyn Layer<Registry> + std::marker::Send + Sync>;

/// Which traces are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Whether callers that name a trace of theirs decide for it.
    pub callers_decide: bool,
    /// The share of all others, from 0 to 1.
    pub share: f64,
}

/// This program was built without traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this program was built without traces")]
pub struct NotBuiltIn;

/// Whether this program can send traces.
pub const ARE_BUILT_IN: bool = cfg!(feature = "traces");

/// A request, part of the trace that it says; of one of its own where it says none that can be read. It is what log lines
/// call their request by, too.
pub fn request(method: &str, route: &str, id: &str, traceparent: Option<&str>) -> Span {
    // What is empty is filled in for traces only.
    let span = info_span!(
        target: TARGET,
        "request",
        id,
        method,
        path = route,
        otel.name = Empty,
        otel.kind = Empty,
    );
    built_in::begin(&span, method, route, traceparent);
    span
}

/// A mint's turn with the store, from asking for it to the answer.
pub fn store_turn() -> Span {
    trace_span!(target: TARGET, "store turn")
}

/// A request to the provider.
pub fn upstream() -> Span {
    let (name, method) = ("POST client_secrets", "POST");
    trace_span!(target: TARGET, "upstream", otel.name = name, otel.kind = "client", http.request.method = method)
}

/// What `span` is known by to whoever is asked on its behalf; none where it is not traced.
pub fn traceparent(span: &Span) -> Option<String> {
    if span.is_disabled() { None } else { built_in::traceparent(span) }
}

/// A request of this span's was answered with this status.
pub fn answered(span: &Span, status: u16) {
    built_in::answered(span, status);
}

/// What this span stands for failed.
pub fn failed(span: &Span) {
    built_in::failed(span);
}
