//! Spans by OpenTelemetry, in batches, as OTLP has them.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Status, TraceContextExt, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter,
};
use prost::Message;
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;

use super::{NotBuiltIn, Sampling, Send, TARGET, TRACEPARENT, TraceLayer};

const SERVICE: &str = "ephemint";

/// Spans that wait to be sent, at most. What comes beyond is dropped: nobody waits for a trace.
const MOST_WAITING: usize = 8192;

/// How long spans wait for company.
const EVERY: Duration = Duration::from_secs(2);

/// Sends spans, for as long as it lives.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends spans by `send` from now on, on the runtime that this is called on.
    pub fn start(version: &'static str, sampling: Sampling, send: Send) -> Result<Self, NotBuiltIn> {
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", SERVICE),
                KeyValue::new("service.version", version),
            ])
            .build();
        let exporter = Exporter {
            send,
            runtime: Handle::current(),
            resource: ResourceAttributesWithSchema::from(&resource),
            failing: AtomicBool::new(false),
        };
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(MOST_WAITING)
            .with_scheduled_delay(EVERY)
            .build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let sampler = match (Sampler::TraceIdRatioBased(sampling.share), sampling.callers_decide) {
            (own, true) => Sampler::ParentBased(Box::new(own)),
            (own, false) => own,
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(sampler)
            .with_span_processor(processor);
        Ok(Self(provider.build()))
    }

    /// Takes the spans of this module out of what the program says, and nothing else.
    pub fn layer(&self) -> TraceLayer {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        layer.with_filter(filter_fn(|told| told.is_span() && told.target() == TARGET)).boxed()
    }

    /// Sends what waits, and nothing after that. Blocks for as long as `patience`.
    pub fn finish(&self, patience: Duration) {
        // What could not be sent has been said.
        let _ = self.0.shutdown_with_timeout(patience);
    }
}

/// The one header that is looked at. A `tracestate` is a text of anybody's, and goes no further.
struct Only<'a>(&'a str);

impl Extractor for Only<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

/// What a span of a request's begins with.
pub(super) fn begin(span: &Span, method: &str, route: &str, traceparent: Option<&str>) {
    let none = Context::new();
    let parent =
        traceparent.map(|said| TraceContextPropagator::new().extract_with_context(&none, &Only(said)));
    // Only a span that is traced takes a parent, be it none.
    if span.set_parent(parent.unwrap_or(none)).is_ok() {
        span.record("otel.name", format_args!("{method} {route}"));
        span.record("otel.kind", "server");
        span.set_attribute("http.request.method", method.to_owned());
        span.set_attribute("http.route", route.to_owned());
    }
}

pub(super) fn answered(span: &Span, status: u16) {
    span.set_attribute("http.response.status_code", i64::from(status));
    if status >= 500 {
        failed(span);
    }
}

pub(super) fn failed(span: &Span) {
    span.set_status(Status::error(""));
}

pub(super) fn traceparent(span: &Span) -> Option<String> {
    let context = span.context();
    let own = context.span().span_context().clone();
    let (trace, id, flags) = (own.trace_id(), own.span_id(), own.trace_flags().to_u8());
    own.is_valid().then(|| format!("00-{trace}-{id}-{flags:02x}"))
}

struct Exporter {
    send: Send,
    runtime: Handle,
    resource: ResourceAttributesWithSchema,
    /// Whether the last batch was lost: that is said once, not for each.
    failing: AtomicBool,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        // The library calls from a thread of its own, where connections can't be waited for.
        let sent = self.runtime.spawn((self.send)(body.into())).await;
        let result: Result<(), String> = sent.unwrap_or_else(|cut| Err(cut.to_string()));
        let failed_before = self.failing.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Ok(()) if failed_before => tracing::info!("traces are sent again"),
            Err(error) if !failed_before => tracing::warn!(error, "traces can't be sent; they are dropped"),
            _ => {}
        }
        result.map_err(OTelSdkError::InternalFailure)
    }
}

impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exporter(…)")
    }
}
