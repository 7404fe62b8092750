//! What can go wrong upstream, and what that says about the money.

use serde::Deserialize;

use crate::net::HttpError;
use crate::store::KeyState;

/// A mint that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider refused the request, the key or the quota.
    #[error("the provider refused: status {status}, code {}", code.as_deref().unwrap_or("none"))]
    Rejected {
        /// Its status.
        status: u16,
        /// Its code for the reason.
        code: Option<String>,
    },
    /// The provider asks for patience.
    #[error("the provider is busy")]
    Busy {
        /// Seconds to wait, where it said.
        retry_after: Option<u32>,
    },
    /// The provider answered that it failed.
    #[error("the provider failed: status {status}")]
    Failed {
        /// Its status.
        status: u16,
    },
    /// The request never left: no connection came about.
    #[error("the provider can't be reached")]
    Unreachable {
        /// Whether that took too long, rather than being refused.
        timed_out: bool,
        /// Why.
        #[source]
        cause: HttpError,
    },
    /// No whole answer came in time. What became of the request is unknown.
    #[error("the provider did not answer in time")]
    TimedOut(#[source] HttpError),
    /// The connection broke after the request may have been sent. What became of the request is unknown.
    #[error("the connection to the provider broke")]
    Broken(#[source] HttpError),
    /// The service stopped before the answer came. What became of the request is unknown.
    #[error("the service stopped before the provider answered")]
    CutShort,
    /// An answer that can't be read. A token may have been made.
    #[error("the provider's answer can't be read: {0}")]
    Unreadable(&'static str),
}

impl ProviderError {
    /// What the provider has against the key, where it is the key that it refused.
    pub fn refuses_key(&self) -> Option<KeyState> {
        let Self::Rejected { status, code } = self else { return None };
        match (*status, code.as_deref()) {
            (401, _) => Some(KeyState::Refused),
            (429, _) => Some(KeyState::NoQuota),
            // That is about where we are, and holds for every key.
            (403, Some("unsupported_country_region_territory")) => None,
            (403, _) | (404, Some("model_not_found")) => Some(KeyState::NoAccess),
            _ => None,
        }
    }

    /// Whether surely no token was made. Only then may a spend be given back.
    pub fn nothing_handed_out(&self) -> bool {
        match self {
            Self::Rejected { .. } | Self::Busy { .. } | Self::Failed { .. } | Self::Unreachable { .. } => {
                true
            }
            Self::TimedOut(_) | Self::Broken(_) | Self::CutShort | Self::Unreadable(_) => false,
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorMember,
}

#[derive(Deserialize)]
struct ErrorMember {
    code: Option<String>,
}

/// Sorts a complete answer that is not 2xx.
pub(super) fn refusal(status: u16, retry_after: Option<u32>, body: &[u8]) -> ProviderError {
    // Only the code: messages of the provider may quote the request or the key.
    let code = serde_json::from_slice::<ErrorBody>(body)
        .ok()
        .and_then(|body| body.error.code)
        .filter(|code| plain(code));
    match status {
        429 if code.as_deref() != Some("insufficient_quota") => ProviderError::Busy { retry_after },
        400..=499 => ProviderError::Rejected { status, code },
        _ => ProviderError::Failed { status },
    }
}

/// A code goes into logs: words only.
fn plain(code: &str) -> bool {
    code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_apart_what_is_the_key_s_fault() {
        for (status, code, expected) in [
            (401, "invalid_api_key", Some(KeyState::Refused)),
            (403, "insufficient_permissions", Some(KeyState::NoAccess)),
            (404, "model_not_found", Some(KeyState::NoAccess)),
            (429, "insufficient_quota", Some(KeyState::NoQuota)),
            (403, "unsupported_country_region_territory", None),
            (429, "rate_limit_exceeded", None),
            (404, "unknown_url", None),
            (400, "invalid_value", None),
            (500, "internal_error", None),
        ] {
            let body = format!(r#"{{"error":{{"code":"{code}"}}}}"#);
            assert_eq!(refusal(status, None, body.as_bytes()).refuses_key(), expected, "{status} {code}");
        }
    }
}
