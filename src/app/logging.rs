//! Log lines.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, Logging};

/// Writes log lines to standard output from now on.
pub fn log_to_stdout(logging: &Logging) -> anyhow::Result<()> {
    let filter = tracing_subscriber::registry().with(EnvFilter::try_new(&logging.filter)?);
    match logging.format {
        LogFormat::Json => filter
            .with(fmt::layer().json().flatten_event(true).with_span_list(false).with_target(false))
            .try_init()?,
        LogFormat::Text => filter.with(fmt::layer().compact().with_target(false)).try_init()?,
    }
    Ok(())
}
