//! The two forms that an offer comes in.

use std::{future::Future, pin::Pin};

use actix_multipart::{Field, Multipart};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::HeaderMap, web::Bytes};
use futures_util::stream;
use serde_json::{Value, json};

use super::extract::SentBody;
use crate::api_error::ApiError;

/// As much of a part as is read: more than any session or offer needs.
const MAX_PART: usize = 1 << 20;

/// An offer, and what came with it.
pub(super) struct Offer {
    pub(super) sdp: String,
    pub(super) form: Form,
}

/// How an offer came.
pub(super) enum Form {
    /// By itself, as `application/sdp`.
    Alone,
    /// As a part of a form; here is the rest of it, as it would stand in the body of a mint.
    WithSession(Value),
}

impl FromRequest for Offer {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let body = request.extensions().get::<SentBody>().map(|body| body.0.clone()).unwrap_or_default();
        let content_type = request.content_type().to_ascii_lowercase();
        let headers = request.headers().clone();
        Box::pin(async move {
            match content_type.as_str() {
                "application/sdp" => Ok(Self { sdp: text(&body)?, form: Form::Alone }),
                "multipart/form-data" => form(&headers, body).await,
                _ => Err(ApiError::NOT_AN_OFFER),
            }
        })
    }
}

fn text(bytes: &[u8]) -> Result<String, ApiError> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| ApiError::bad_offer("is not text"))
}

async fn form(headers: &HeaderMap, body: Bytes) -> Result<Offer, ApiError> {
    let mut parts = Multipart::new(headers, stream::iter([Ok(body)]));
    let (mut sdp, mut form) = (None, json!({}));
    while let Some(part) = next(&mut parts).await? {
        let (name, kind, bytes) = part;
        match name.as_str() {
            "sdp" => {
                expect("sdp", &kind, "application/sdp")?;
                sdp = Some(text(&bytes)?);
            }
            "session" => {
                expect("session", &kind, "application/json")?;
                let session: Value = serde_json::from_slice(&bytes).map_err(|_| ApiError::INVALID_JSON)?;
                if let Some(form) = form.as_object_mut() {
                    form.insert(name, session);
                }
            }
            _ => return Err(ApiError::unknown_part(&name)),
        }
    }
    let sdp = sdp.ok_or(ApiError::NO_OFFER)?;
    Ok(Offer { sdp, form: Form::WithSession(form) })
}

/// The next part: its name, content type and body.
async fn next(parts: &mut Multipart) -> Result<Option<(String, String, Bytes)>, ApiError> {
    use futures_util::StreamExt as _;
    let Some(part) = parts.next().await else { return Ok(None) };
    let mut part: Field = part.map_err(|_| ApiError::INVALID_FORM)?;
    let name = part.name().unwrap_or_default().to_owned();
    let kind = part.content_type().map(|kind| kind.essence_str().to_owned()).unwrap_or_default();
    match part.bytes(MAX_PART).await {
        Ok(Ok(bytes)) => Ok(Some((name, kind, bytes))),
        Ok(Err(_)) | Err(_) => Err(ApiError::INVALID_FORM),
    }
}

/// A part that says nothing of its type is taken for what its name says.
fn expect(part: &'static str, kind: &str, wanted: &'static str) -> Result<(), ApiError> {
    if kind.is_empty() || kind == wanted { Ok(()) } else { Err(ApiError::wrong_part(part, wanted)) }
}
