//! Strict JSON bodies: unknown members are refused, and the refusal names the place.

use std::convert::Infallible;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::problem::Problem;
use super::strict::Object;
use crate::kernel::code::Code;

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The longest message of the JSON parser that is passed on: it may quote the body.
const MAX_DETAIL_CHARS: usize = 200;

/// The longest name of a place in the body that is passed on: it is made of the body's own member names.
const MAX_PLACE_CHARS: usize = 100;

/// The body as it came, or why it can't be had. A handler takes it before its caller: what has arrived is then read even
/// where the caller is refused, and an unread body would cost the client its connection.
#[derive(Debug)]
pub(super) struct Body {
    bytes: Result<Bytes, Problem>,
    is_json: bool,
}

/// Gives the body that came with a request time to arrive where the answer is an error.
///
/// The server hands a body over only after the handler was first asked. An answer before that leaves it unread, and costs
/// the client its connection.
pub(super) async fn let_arrive<T>(answer: Result<T, Problem>) -> Result<T, Problem> {
    if answer.is_err() {
        tokio::task::yield_now().await;
    }
    answer
}

impl FromRequest for Body {
    type Error = Infallible;
    type Future = LocalBoxFuture<'static, Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move { Ok(Self { bytes: bytes.await.map_err(|error| unreadable(&error)), is_json }) })
    }
}

impl Body {
    /// The body as JSON. It may be left out altogether.
    pub(super) fn json<T: DeserializeOwned + Default>(self) -> Result<T, Problem> {
        match &self.bytes {
            Ok(bytes) if bytes.is_empty() => Ok(T::default()),
            _ => self.required_json(),
        }
    }

    /// The body as JSON.
    pub(super) fn required_json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let bytes = self.bytes?;
        if bytes.is_empty() {
            return Err(Problem::new(Code::InvalidRequest, "Send a body: a JSON object, `{}` at least."));
        }
        if !self.is_json {
            let detail = "Send the body as JSON, with `Content-Type: application/json`.";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        parse(&bytes)
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let Some(Ok(value)) = request.headers().get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn unreadable(error: &actix_web::Error) -> Problem {
    match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, "The body is larger than 64 kB."),
        _ => Problem::new(Code::InvalidRequest, "The body can't be read."),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let Object(value) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let problem = Problem::new(Code::InvalidRequest, said(error.inner()));
        match place(error.path()) {
            Some(place) => problem.at(place),
            None => problem,
        }
    })?;
    json.end().map_err(|error| Problem::new(Code::InvalidRequest, said(&error)))?;
    Ok(value)
}

/// Where in the body a mistake is, with dots, as far as that is known; none where it is the body as a whole.
fn place(path: &Path) -> Option<String> {
    let mut place = String::new();
    for segment in path.iter().take_while(|segment| !matches!(segment, Segment::Unknown)) {
        if !place.is_empty() && !matches!(segment, Segment::Seq { .. }) {
            place.push('.');
        }
        place.push_str(&segment.to_string());
    }
    let place: String = place.chars().take(MAX_PLACE_CHARS).collect();
    (!place.is_empty()).then_some(place)
}

fn said(error: &serde_json::Error) -> String {
    let text: String = error.to_string().chars().take(MAX_DETAIL_CHARS).collect();
    format!("The body is not what this operation takes: {text}.")
}
