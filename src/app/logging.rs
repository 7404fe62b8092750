//! Log lines.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, Logging};

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
        LogFormat::Json => filter
            .with(
                fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_span_list(false)
                    .with_target(false)
                    .with_writer(writer),
            )
            .try_init()?,
        LogFormat::Text => {
            filter.with(fmt::layer().compact().with_target(false).with_writer(writer)).try_init()?
        }
    }
    Ok(())
}
