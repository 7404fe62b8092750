//! One request upstream per mint. It is never repeated: a request that may have been sent may have minted.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use secrecy::SecretString;
use tracing::Instrument;

use super::account::{Account, ApiKey};
use super::answer::Minted;
use super::error::{ProviderError, refusal};
use super::look::{self, Look};
use super::wire::{self, Body};
use crate::kernel::session::{Session, SessionType};
use crate::net::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use crate::net::{self, Answer, Http, HttpError};
use crate::traces;

/// The largest answer that is read, in bytes. Answers echo the instructions and tools.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

const SAFETY_IDENTIFIER: HeaderName = HeaderName::from_static("openai-safety-identifier");
const ORGANIZATION: HeaderName = HeaderName::from_static("openai-organization");
const PROJECT: HeaderName = HeaderName::from_static("openai-project");

/// Where the provider is and who we are to it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its address with the version, without a slash at the end: `https://api.openai.com/v1`.
    pub base_url: Url,
    /// The operator's key; without it there is nothing to mint with.
    pub api_key: Option<SecretString>,
    /// From asking to the whole answer.
    pub timeout: Duration,
    /// The organization to bill.
    pub organization: Option<String>,
    /// The project to bill.
    pub project: Option<String>,
}

/// The provider can't be talked to at all.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A setting can't be sent as a header.
    #[error("{0} has characters that an HTTP header can't carry")]
    Header(&'static str),
    /// The HTTP client can't be built.
    #[error(transparent)]
    Client(#[from] net::SetupError),
}

/// What is asked of the provider: a session and the life of the token that opens it, as they are sent. It may be sent as
/// often as one likes; each time makes a token.
#[derive(Clone)]
pub struct MintBody {
    kind: SessionType,
    json: Bytes,
}

impl MintBody {
    /// What it takes up, in bytes.
    pub fn size(&self) -> usize {
        self.json.len()
    }
}

// Written by hand: instructions and credentials of tools are in it.
impl std::fmt::Debug for MintBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MintBody({}, {} bytes)", self.kind.as_str(), self.size())
    }
}

/// OpenAI, or something that speaks like it.
#[derive(Debug, Clone)]
pub struct Provider {
    http: Http,
    realtime: Door,
    translations: Door,
    models: Url,
    /// The operator's key, organization and project.
    operator: HeaderMap,
}

/// Where sessions are had.
#[derive(Debug, Clone)]
struct Door {
    /// Where we mint.
    client_secrets: Url,
    /// Where the browser posts its SDP.
    calls: Url,
}

impl Door {
    fn at(base: &Url, path: &str) -> Self {
        let url = |last: &str| below(base, &format!("{path}/{last}"));
        Self { client_secrets: url("client_secrets"), calls: url("calls") }
    }
}

impl Provider {
    /// Prepares the connection; nothing is sent yet.
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        Ok(Self {
            http: Http::new(net::Settings {
                peer: &settings.base_url,
                timeout: settings.timeout,
                max_answer_bytes: MAX_ANSWER_BYTES,
                headers: HeaderMap::new(),
                public_only: false,
            })?,
            realtime: Door::at(&settings.base_url, "realtime"),
            translations: Door::at(&settings.base_url, "realtime/translations"),
            models: below(&settings.base_url, "models"),
            operator: operator(settings)?,
        })
    }

    /// Whether the operator has a key to mint with.
    pub fn has_key(&self) -> bool {
        self.operator.contains_key(AUTHORIZATION)
    }

    /// Where the browser posts its SDP for a session of this kind.
    pub fn connect_url(&self, kind: SessionType) -> &str {
        self.door(kind).calls.as_str()
    }

    /// Translations have routes of their own.
    fn door(&self, kind: SessionType) -> &Door {
        match kind {
            SessionType::Realtime | SessionType::Transcription => &self.realtime,
            SessionType::Translation => &self.translations,
        }
    }

    /// Writes down what is to be asked for. `ttl_seconds` is the token's life, 10 to 7200 seconds.
    pub fn prepare(session: &Session, ttl_seconds: u32) -> MintBody {
        // Its members are texts, numbers and lists of those: there is nothing in it that JSON can't say.
        let json = serde_json::to_vec(&Body::to_provider(session, ttl_seconds)).unwrap_or_default();
        MintBody { kind: session.kind(), json: json.into() }
    }

    /// Asks for a token, which this account pays for. `safety_identifier` is a stable, meaningless name of the user.
    pub async fn mint(
        &self,
        body: &MintBody,
        account: Account<'_>,
        safety_identifier: &str,
    ) -> Result<Minted, ProviderError> {
        let door = self.door(body.kind);
        let mut headers = self.credentials(account);
        // A digest in hexadecimal digits: it always fits.
        if let Ok(identifier) = HeaderValue::from_str(safety_identifier) {
            headers.insert(SAFETY_IDENTIFIER, identifier);
        }
        let span = traces::upstream();
        if let Some(parent) =
            traces::traceparent(&span).and_then(|parent| HeaderValue::from_str(&parent).ok())
        {
            headers.insert(traces::TRACEPARENT, parent);
        }
        let (url, json) = (door.client_secrets.clone(), body.json.clone());
        let answer = self.http.post_json(url, headers, json).instrument(span.clone()).await;
        match &answer {
            Ok(answer) => traces::answered(&span, answer.status.as_u16()),
            Err(_) => traces::failed(&span),
        }
        let answer = answer.map_err(broken)?;
        if answer.status.is_success() {
            return Minted::read(&answer.body, body.kind)
                .ok_or(ProviderError::Unreadable("a 2xx that is not a client secret"));
        }
        Err(refusal(answer.status.as_u16(), retry_after(&answer), &answer.body))
    }

    /// Tries whether a key opens conversations with this model: by a token of the shortest life, which goes nowhere.
    pub async fn try_key(
        &self,
        key: &ApiKey,
        model: &str,
        safety_identifier: &str,
    ) -> Result<(), ProviderError> {
        let json = serde_json::to_vec(&wire::trial(model)).unwrap_or_default();
        let body = MintBody { kind: SessionType::Realtime, json: json.into() };
        self.mint(&body, Account::User(key), safety_identifier).await.map(|_| ())
    }

    /// Asks for the list of models, to see whether the provider is there and takes the key. Nothing is minted.
    pub async fn look(&self) -> Result<Look, ProviderError> {
        let answer = self.http.get(self.models.clone(), self.operator.clone()).await.map_err(broken)?;
        Ok(Look::read(answer.status.as_u16(), look::date(&answer.headers), &answer.body))
    }

    /// The operator's organization and project are nobody else's.
    fn credentials(&self, account: Account<'_>) -> HeaderMap {
        match account {
            Account::Operator => self.operator.clone(),
            Account::User(key) => HeaderMap::from_iter([(AUTHORIZATION, key.bearer())]),
        }
    }
}

/// An address under the provider's own.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn operator(settings: &Settings) -> Result<HeaderMap, SetupError> {
    let mut headers = HeaderMap::new();
    for (name, value, setting) in [
        (ORGANIZATION, &settings.organization, "OPENAI_ORGANIZATION"),
        (PROJECT, &settings.project, "OPENAI_PROJECT"),
    ] {
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_str(value).map_err(|_| SetupError::Header(setting))?);
        }
    }
    if let Some(key) = &settings.api_key {
        let key = ApiKey::new(key).ok_or(SetupError::Header("OPENAI_API_KEY"))?;
        headers.insert(AUTHORIZATION, key.bearer());
    }
    Ok(headers)
}

fn retry_after(answer: &Answer) -> Option<u32> {
    if answer.status.as_u16() != 429 {
        return None;
    }
    answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn broken(error: HttpError) -> ProviderError {
    match error {
        HttpError::Unreachable { timed_out, .. } => ProviderError::Unreachable { timed_out, cause: error },
        HttpError::TimedOut(_) => ProviderError::TimedOut(error),
        HttpError::Broken(_) => ProviderError::Broken(error),
        HttpError::TooLarge(_) => ProviderError::Unreadable("larger than 512 kB"),
    }
}
