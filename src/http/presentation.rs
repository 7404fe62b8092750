//! The form in which an address tells its errors.

use serde::Serialize;

use super::generate_realtime_token;
use super::problem::{MEDIA_TYPE, Problem};
use crate::kernel::ids::RequestId;

/// How an error's body looks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Presentation {
    /// A problem document.
    Problem,
    /// `{"error": "What happened."}`, for older front ends.
    Sentence,
}

#[derive(Serialize)]
struct Sentence<'a> {
    error: &'a str,
}

impl Presentation {
    /// The form at the address with this pattern. Asked of the pattern and not of the handler, so that it holds as well
    /// for what never reaches one.
    pub(super) fn at(pattern: Option<&str>) -> Self {
        match pattern {
            Some(generate_realtime_token::PATH) => Self::Sentence,
            _ => Self::Problem,
        }
    }

    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Problem => MEDIA_TYPE,
            Self::Sentence => "application/json",
        }
    }

    pub(super) fn body(self, problem: &Problem, id: &RequestId) -> Vec<u8> {
        match self {
            Self::Problem => problem.body(id.as_str()),
            Self::Sentence => serde_json::to_vec(&Sentence { error: problem.detail() }).unwrap_or_default(),
        }
    }
}
