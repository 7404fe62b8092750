//! Traces, on their way to a collector.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;

use crate::kernel::cause::chain;
use crate::net::header::HeaderMap;
use crate::net::{Http, Settings};
use crate::traces::{Send, Sending, Traces};

/// From sending to the whole answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A collector says little more than that it has them.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Sends traces to the collector at this address from now on. To be called on the runtime that serves.
pub fn trace_to(collector: &Url) -> anyhow::Result<Traces> {
    let http = Http::new(Settings {
        peer: collector,
        timeout: TIMEOUT,
        max_answer_bytes: MAX_ANSWER_BYTES,
        public_only: false,
        headers: HeaderMap::new(),
    })?;
    let mut url = collector.clone();
    url.set_path(&format!("{}/v1/traces", collector.path().trim_end_matches('/')));
    let send: Send = Arc::new(move |spans| send(http.clone(), url.clone(), spans));
    Ok(Traces::start(env!("CARGO_PKG_VERSION"), send)?)
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
