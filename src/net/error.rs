//! What can go wrong on the way to somebody and back.

/// The HTTP client can't be built.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client can't be built; are the CA certificates installed (package ca-certificates)?")]
pub struct SetupError(#[source] pub(super) reqwest::Error);

/// A request that did not get a whole answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The request never left: no connection came about.
    #[error("no connection came about")]
    Unreachable {
        /// Whether that took too long, rather than being refused.
        timed_out: bool,
        /// Why.
        #[source]
        cause: reqwest::Error,
    },
    /// No whole answer came in time. What became of the request is unknown.
    #[error("no whole answer came in time")]
    TimedOut(#[source] reqwest::Error),
    /// The connection broke after the request may have been sent. What became of the request is unknown.
    #[error("the connection broke")]
    Broken(#[source] reqwest::Error),
    /// The answer is longer than we read.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

impl From<SetupError> for HttpError {
    /// Without a client nothing is sent.
    fn from(error: SetupError) -> Self {
        Self::Unreachable { timed_out: false, cause: error.0 }
    }
}

impl From<reqwest::Error> for HttpError {
    /// Without the URL: who was asked is known, and an address may carry credentials.
    fn from(error: reqwest::Error) -> Self {
        let cause = error.without_url();
        if cause.is_connect() {
            return Self::Unreachable { timed_out: cause.is_timeout(), cause };
        }
        if cause.is_timeout() { Self::TimedOut(cause) } else { Self::Broken(cause) }
    }
}
