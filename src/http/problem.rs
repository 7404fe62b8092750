//! Refusals and failures as callers see them: RFC 9457, with the provider's own `error` member beside it, so that its
//! SDKs show the right message.

use std::borrow::Cow;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use super::rate_limit;
use super::table;
use crate::admin::{AdminError, EraseError, NotOperator};
use crate::auth::{AuthError, KeysUnavailable};
use crate::kernel::cause::chain;
use crate::kernel::code::Code;
use crate::limit::{Burst, Decision};
use crate::mint::MintError;
use crate::settings::SettingsError;
use crate::store::{KeyState, StoreError};
use crate::usage::UsageError;
use crate::usage::events::ListenError;
use crate::usage::reports::ReportError;

/// The media type of error bodies.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Places of listeners become free when somebody closes a page, in seconds or in hours.
const LISTEN_AGAIN_AFTER: u32 = 15;

/// The body, as RFC 9457 has it.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    error: ProviderShape<'a>,
}

/// The same in the provider's own shape.
#[derive(Serialize)]
struct ProviderShape<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    code: &'static str,
    param: Option<&'a str>,
}

/// A refusal or failure, on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    /// What the caller can do. Never a cause.
    detail: Cow<'static, str>,
    param: Option<Cow<'static, str>>,
    retry_after: Option<u32>,
    decision: Option<Decision>,
    allow: Option<Box<str>>,
    /// For the log only.
    cause: Option<Box<str>>,
}

impl Problem {
    /// A problem by its code. `detail` says what the caller can do.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            param: None,
            retry_after: None,
            decision: None,
            allow: None,
            cause: None,
        }
    }

    /// A malformed value in the request.
    pub fn invalid(param: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidRequest, detail).at(param)
    }

    /// Names the part of the request that it is about.
    pub fn at(mut self, param: impl Into<Cow<'static, str>>) -> Self {
        self.param = Some(param.into());
        self
    }

    pub(super) fn allowing(mut self, methods: &str) -> Self {
        self.allow = Some(methods.into());
        self
    }

    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(super) fn because(mut self, cause: &dyn std::error::Error) -> Self {
        self.cause = Some(chain(cause).into());
        self
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What the caller is told.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// What went wrong inside, for the log.
    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body, for the request of this id.
    pub(super) fn body(&self, request_id: &str) -> Vec<u8> {
        let row = table::row(self.code);
        let code = self.code.as_str();
        let body = Body {
            kind: format!("urn:ephemint:problem:{code}"),
            title: row.title,
            status: row.status.as_u16(),
            detail: &self.detail,
            instance: format!("urn:ephemint:request:{request_id}"),
            code,
            param: self.param.as_deref(),
            error: ProviderShape {
                message: &self.detail,
                kind: row.kind,
                code,
                param: self.param.as_deref(),
            },
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    fn write_headers(&self, headers: &mut HeaderMap) {
        if self.code == Code::Unauthorized {
            let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(allow) = self.allow.as_deref().and_then(|methods| HeaderValue::from_str(methods).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        if let Some(decision) = &self.decision {
            rate_limit::write(decision, headers);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        table::row(self.code).status
    }

    /// Status and headers. The body needs the request's id, and is written by [`super::finish`].
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::new(self.status_code());
        self.write_headers(response.headers_mut());
        response
    }
}

impl From<MintError> for Problem {
    fn from(error: MintError) -> Self {
        let code = error.code();
        match &error {
            MintError::Role(role) => Self::new(code, sentence(role)).at("role"),
            MintError::NotAllowed(refusal) => Self::new(code, sentence(refusal)).at(refusal.param),
            MintError::Spent(decision) => Self::spent(decision),
            MintError::NoProviderKey { takes_own: true } => Self::new(code, ENTER_A_KEY),
            MintError::KeyRefused { state, .. } => Self::new(code, own_key_refused(*state)),
            MintError::Provider(crate::provider::ProviderError::Busy { retry_after }) => {
                Self::new(code, constant(code)).retry_after(retry_after.unwrap_or(1).max(1)).because(&error)
            }
            MintError::Limit(_) | MintError::Store(_) => {
                Self::new(code, constant(code)).retry_after(1).because(&error)
            }
            _ => Self::new(code, constant(code)).because(&error),
        }
    }
}

impl Problem {
    fn spent(decision: &Decision) -> Self {
        let seconds = decision.reset_seconds;
        let detail = match decision.limit {
            0 => "Your role has no voice sessions.".to_owned(),
            limit => format!(
                "All {limit} voice sessions of this hour are used. The next one is possible in {seconds} seconds."
            ),
        };
        let problem = Self::new(Code::RateLimitExceeded, detail).retry_after(seconds);
        Self { decision: Some(*decision), ..problem }
    }
}

impl From<Burst> for Problem {
    fn from(burst: Burst) -> Self {
        let seconds = burst.retry_after();
        let detail = format!("{} The next one can pass in {seconds} s.", sentence(&burst));
        Self::new(Code::BurstLimitExceeded, detail).retry_after(seconds)
    }
}

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        match &error {
            UsageError::Disabled => Self::new(Code::UserDisabled, constant(Code::UserDisabled)),
            UsageError::Role(role) => Self::new(Code::RoleNotAllowed, sentence(role)).at("role"),
            UsageError::Store(_) => {
                let code = Code::StoreUnavailable;
                Self::new(code, constant(code)).retry_after(1).because(&error)
            }
        }
    }
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Disabled => Self::new(Code::UserDisabled, constant(Code::UserDisabled)),
            SettingsError::Role(role) => Self::new(Code::RoleNotAllowed, sentence(&role)).at("role"),
            SettingsError::Malformed(bad) => Self::invalid(bad.param.clone(), sentence(&bad)),
            SettingsError::NotAllowed(refusal) => {
                Self::new(Code::NotAllowed, sentence(&refusal)).at(refusal.param)
            }
            SettingsError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = Code::StoreUnavailable;
        Self::new(code, constant(code)).retry_after(1).because(&error)
    }
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        let code = error.code();
        match error {
            AdminError::NothingDecided => Self::new(code, sentence(&error)),
            AdminError::UnknownRole { .. } => Self::new(code, sentence(&error)).at("role"),
            AdminError::Store(error) => error.into(),
        }
    }
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        let code = error.code();
        match error {
            EraseError::Disabled => Self::new(code, constant(code)),
            EraseError::Held => Self::new(code, sentence(&error)),
            EraseError::Store(error) => error.into(),
        }
    }
}

impl From<NotOperator> for Problem {
    fn from(error: NotOperator) -> Self {
        match error {
            NotOperator::NoRoles => Self::new(Code::Unauthorized, sentence(&error)),
            NotOperator::Disabled => Self::new(Code::UserDisabled, constant(Code::UserDisabled)),
            NotOperator::OtherRole => Self::new(Code::NotAllowed, sentence(&error)),
            NotOperator::Role(role) => Self::new(Code::RoleNotAllowed, sentence(&role)).at("role"),
            NotOperator::Store(error) => error.into(),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match &error {
            ReportError::Forgotten { .. } => Self::new(Code::InvalidRequest, sentence(&error)).at("from"),
            ReportError::Store(_) => {
                let code = Code::StoreUnavailable;
                Self::new(code, constant(code)).retry_after(1).because(&error)
            }
        }
    }
}

impl From<ListenError> for Problem {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Full => {
                let detail = format!("{} Close one, or try again later.", sentence(&error));
                Self::new(Code::TooManyListeners, detail).retry_after(LISTEN_AGAIN_AFTER)
            }
            ListenError::Stopping => {
                let code = Code::StoreUnavailable;
                Self::new(code, constant(code)).retry_after(1).because(&error)
            }
            ListenError::Store(error) => error.into(),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Token(error) => Self::new(Code::Unauthorized, format!("Not signed in: {error}.")),
            AuthError::Keys(error) => error.into(),
        }
    }
}

impl From<KeysUnavailable> for Problem {
    fn from(error: KeysUnavailable) -> Self {
        let code = Code::KeysUnavailable;
        Self::new(code, constant(code)).retry_after(error.retry_after).because(&error)
    }
}

/// An error's own words, as a sentence.
pub(super) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str().trim_end_matches('.')),
        None => text,
    }
}

const ENTER_A_KEY: &str =
    "There is no provider key for you to mint with. Enter your own OpenAI key: `PUT /v1/me/keys/openai`.";

/// What users are told of their own key.
fn own_key_refused(state: KeyState) -> &'static str {
    match state {
        KeyState::NoQuota => {
            "The account of your OpenAI key has run out of money. Nothing was counted; top it up, then `POST /v1/me/keys/openai/validate`."
        }
        KeyState::NoAccess => {
            "Your OpenAI key may not open voice sessions with this model. Nothing was counted; enter another one: `PUT /v1/me/keys/openai`."
        }
        KeyState::Refused | KeyState::Unvalidated | KeyState::Valid => {
            "OpenAI does not take your key any more. Nothing was counted; enter another one: `PUT /v1/me/keys/openai`."
        }
    }
}

/// What a caller is told where nothing about this one case may be said.
pub(super) fn constant(code: Code) -> &'static str {
    match code {
        Code::UserDisabled => "This user is disabled. Ask the operator of this service.",
        Code::NoProviderKey => {
            "This service has no provider key to mint with. Its operator has to set OPENAI_API_KEY."
        }
        Code::ProviderKeyUnreadable => {
            "Your OpenAI key can't be opened any more. Enter it again: `PUT /v1/me/keys/openai`."
        }
        Code::ProviderRejected => {
            "The provider refused the request. Nothing was counted; the operator of this service has to look at it."
        }
        Code::ProviderError => "The provider failed. Try again in a moment.",
        Code::ProviderBusy => {
            "The provider is busy. Nothing was counted; try again after the time in Retry-After."
        }
        Code::ProviderTimeout => "The provider did not answer in time. Try again in a moment.",
        Code::KeysUnavailable => {
            "The keys of your sign-in can't be had, so your token can't be checked. Try again in a moment."
        }
        Code::StoreUnavailable => {
            "The service can't reach its database, so it hands out nothing. Try again in a moment."
        }
        _ => {
            "Something went wrong in this service. Try again in a moment, and name the request id if it goes on."
        }
    }
}
