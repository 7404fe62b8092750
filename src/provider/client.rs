//! One request upstream per mint. It is never repeated: a request that may have been sent may have minted.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};

use super::answer::Minted;
use super::error::{ProviderError, refusal};
use super::look::{self, Look};
use super::wire::Body;
use crate::kernel::session::Session;

/// The largest answer that is read, in bytes. Answers echo the instructions and tools.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// How long a connection may take to come about, at most.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

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
    /// The HTTP client can't be built, as a rule for want of CA certificates on the machine.
    #[error("the HTTP client can't be built; are the CA certificates installed (package ca-certificates)?")]
    Client(#[source] reqwest::Error),
}

/// What is asked of the provider.
#[derive(Debug)]
pub struct SecretRequest<'a> {
    /// The session that the token opens.
    pub session: &'a Session,
    /// The token's life, 10 to 7200 seconds.
    pub ttl_seconds: u32,
    /// A stable, meaningless name of the user.
    pub safety_identifier: &'a str,
}

/// OpenAI, or something that speaks like it.
#[derive(Debug, Clone)]
pub struct Provider {
    http: Client,
    mint_url: Url,
    models_url: Url,
    connect_url: String,
    authorization: Option<HeaderValue>,
}

impl Provider {
    /// Prepares the connection; nothing is sent yet.
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        let base = settings.base_url.as_str().trim_end_matches('/');
        Ok(Self {
            http: http_client(settings)?,
            mint_url: below(&settings.base_url, "realtime/client_secrets"),
            models_url: below(&settings.base_url, "models"),
            connect_url: format!("{base}/realtime/calls"),
            authorization: settings.api_key.as_ref().map(bearer).transpose()?,
        })
    }

    /// Whether there is a key to mint with.
    pub fn has_key(&self) -> bool {
        self.authorization.is_some()
    }

    /// Where the browser posts its SDP.
    pub fn connect_url(&self) -> &str {
        &self.connect_url
    }

    /// Asks for a token.
    pub async fn mint(&self, asked: &SecretRequest<'_>) -> Result<Minted, ProviderError> {
        let mut request =
            self.http.post(self.mint_url.clone()).json(&Body::new(asked.session, asked.ttl_seconds));
        request = request.header(SAFETY_IDENTIFIER, asked.safety_identifier);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = request.send().await.map_err(broken)?;
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = read(response).await?;
        if status.is_success() {
            return Minted::read(&body).ok_or(ProviderError::Unreadable("a 2xx that is not a client secret"));
        }
        Err(refusal(status.as_u16(), retry_after, &body))
    }

    /// Asks for the list of models, to see whether the provider is there and takes the key. Nothing is minted.
    pub async fn look(&self) -> Result<Look, ProviderError> {
        let mut request = self.http.get(self.models_url.clone()).timeout(look::PATIENCE);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = request.send().await.map_err(broken)?;
        let (status, date) = (response.status().as_u16(), look::date(&response));
        Ok(Look::read(status, date, &read(response).await?))
    }
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn http_client(settings: &Settings) -> Result<Client, SetupError> {
    let mut headers = HeaderMap::new();
    for (name, value, setting) in [
        (ORGANIZATION, &settings.organization, "OPENAI_ORGANIZATION"),
        (PROJECT, &settings.project, "OPENAI_PROJECT"),
    ] {
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_str(value).map_err(|_| SetupError::Header(setting))?);
        }
    }
    let mut builder = Client::builder()
        .user_agent(concat!("ephemint/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .timeout(settings.timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout / 2))
        // A redirect would carry the key to somebody we don't know.
        .redirect(reqwest::redirect::Policy::none());
    if settings.base_url.scheme() == "http" {
        // A simulator on this machine: no certificates are needed, so none have to be installed, and no proxy.
        builder = builder.tls_certs_only([]).no_proxy();
    }
    builder.build().map_err(SetupError::Client)
}

fn bearer(key: &SecretString) -> Result<HeaderValue, SetupError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
        .map_err(|_| SetupError::Header("OPENAI_API_KEY"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn retry_after(response: &Response) -> Option<u32> {
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// Reads the whole body, up to a bound.
async fn read(mut response: Response) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(ProviderError::Unreadable("larger than 512 kB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The error without its URL; the host is in our own settings, and a base URL may carry credentials.
fn broken(error: reqwest::Error) -> ProviderError {
    let cause = error.without_url();
    if cause.is_connect() {
        return ProviderError::Unreachable { timed_out: cause.is_timeout(), cause };
    }
    if cause.is_timeout() { ProviderError::TimedOut(cause) } else { ProviderError::Broken(cause) }
}
