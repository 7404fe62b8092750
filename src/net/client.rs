//! A client for one kind of errand.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;

use super::error::{HttpError, SetupError};

/// How long a connection may take to come about, at most.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// What a client is for.
#[derive(Debug)]
pub struct Settings<'a> {
    /// Whom it talks to. Where that is plain http, it is on this machine: no certificates are needed then, so none have
    /// to be installed, and no proxy is asked.
    pub peer: &'a Url,
    /// From asking to the whole answer.
    pub timeout: Duration,
    /// The longest answer that is read, in bytes.
    pub max_answer_bytes: usize,
    /// Sent with every request.
    pub headers: HeaderMap,
}

/// Talks HTTP to somebody.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
    max_answer_bytes: usize,
}

/// A whole answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Http {
    /// Builds a client; nothing is sent yet.
    pub fn new(settings: Settings<'_>) -> Result<Self, SetupError> {
        let mut builder = Client::builder()
            .user_agent(concat!("ephemint/", env!("CARGO_PKG_VERSION")))
            .default_headers(settings.headers)
            .timeout(settings.timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout / 2))
            .redirect(reqwest::redirect::Policy::none());
        if settings.peer.scheme() == "http" {
            builder = builder.tls_certs_only([]).no_proxy();
        }
        let client = builder.build().map_err(SetupError)?;
        Ok(Self { client, max_answer_bytes: settings.max_answer_bytes })
    }

    /// Gets what is at an address.
    pub async fn get(&self, url: Url, headers: HeaderMap) -> Result<Answer, HttpError> {
        self.send(self.client.get(url).headers(headers)).await
    }

    /// Posts JSON.
    pub async fn post_json(
        &self,
        url: Url,
        headers: HeaderMap,
        body: &impl Serialize,
    ) -> Result<Answer, HttpError> {
        self.send(self.client.post(url).headers(headers).json(body)).await
    }

    /// Sends a request once: one that may have been sent is never repeated.
    async fn send(&self, request: RequestBuilder) -> Result<Answer, HttpError> {
        let mut response = request.send().await?;
        let body = self.read(&mut response).await?;
        Ok(Answer { status: response.status(), headers: response.headers().clone(), body })
    }

    async fn read(&self, response: &mut Response) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.max_answer_bytes {
                return Err(HttpError::TooLarge(self.max_answer_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Whether an address is on this machine, by its name.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for (url, expected) in [
            ("http://localhost:8080/x", true),
            ("http://127.0.0.1", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:80/", true),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://10.0.0.1", false),
            ("http://0.0.0.0", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
