//! Log lines, and beside them spans for traces.

use tracing::Subscriber;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, Logging};
use crate::traces::Traces;

/// Writes log lines to standard output from now on.
pub fn log_to_stdout(logging: &Logging) -> anyhow::Result<()> {
    log_to(logging, std::io::stdout)
}

/// Writes log lines there from now on.
pub fn log_to<W>(logging: &Logging, writer: W) -> anyhow::Result<()>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = tracing_subscriber::registry().with(EnvFilter::try_new(&logging.filter)?);
    match logging.format {
        LogFormat::Json => filter.with(json(writer)).try_init()?,
        LogFormat::Text => filter.with(text(writer)).try_init()?,
    }
    Ok(())
}

/// Writes log lines to standard output, and sends traces, from now on. What is logged does not decide what is traced.
pub fn log_and_trace(logging: &Logging, traces: &Traces) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&logging.filter)?;
    let traced = tracing_subscriber::registry().with(traces.layer());
    match logging.format {
        LogFormat::Json => traced.with(json(std::io::stdout).with_filter(filter)).try_init()?,
        LogFormat::Text => traced.with(text(std::io::stdout).with_filter(filter)).try_init()?,
    }
    Ok(())
}

fn json<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    let lines = fmt::layer().json().flatten_event(true).with_span_list(false);
    lines.with_target(false).with_writer(writer)
}

fn text<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fmt::layer().compact().with_target(false).with_writer(writer)
}
