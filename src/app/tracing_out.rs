//! Traces, on their way to a collector.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;

use crate::config::Collector;
use crate::kernel::cause::chain;
use crate::net::header::HeaderMap;
use crate::net::{Http, Settings};
use crate::traces::{Send, Sending, Traces};

/// From sending to the whole answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A collector says little more than that it has them.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Sends traces to this collector from now on. To be called on the runtime that serves.
pub fn trace_to(collector: &Collector) -> anyhow::Result<Traces> {
    let http = Http::new(Settings {
        peer: &collector.url,
        timeout: TIMEOUT,
        max_answer_bytes: MAX_ANSWER_BYTES,
        headers: collector.headers.clone(),
        public_only: false,
    })?;
    let mut url = collector.url.clone();
    url.set_path(&format!("{}/v1/traces", collector.url.path().trim_end_matches('/')));
    let send: Send = Arc::new(move |spans| send(http.clone(), url.clone(), spans));
    Ok(Traces::start(env!("CARGO_PKG_VERSION"), collector.sampling, send)?)
}

fn send(http: Http, url: Url, spans: Bytes) -> Sending {
    Box::pin(async move {
        let answer = http.post(url, HeaderMap::new(), "application/x-protobuf", spans).await;
        match answer {
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) => Err(format!("the collector answered with status {}", answer.status.as_u16())),
            Err(error) => Err(chain(&error)),
        }
    })
}
