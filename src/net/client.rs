//! A client for one kind of errand.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use thread_local::ThreadLocal;

use super::error::{HttpError, SetupError};
use super::public::{PublicOnly, is_public_address};

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
    /// Whether names that lead into private networks are refused.
    pub public_only: bool,
}

/// Talks HTTP to somebody. Cheap to clone.
///
/// Each thread has connections of its own. A request that goes out on another thread's connection wakes that thread to send
/// and is woken by it to read, which takes longer than either.
#[derive(Debug, Clone)]
pub struct Http(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clients: ThreadLocal<Client>,
    blueprint: Blueprint,
    max_answer_bytes: usize,
}

/// What each thread's client is made by.
#[derive(Debug)]
struct Blueprint {
    is_plain: bool,
    timeout: Duration,
    headers: HeaderMap,
    public_only: bool,
}

impl Blueprint {
    fn client(&self) -> Result<Client, SetupError> {
        let mut builder = Client::builder()
            .user_agent(concat!("ephemint/", env!("CARGO_PKG_VERSION")))
            .default_headers(self.headers.clone())
            .timeout(self.timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(self.timeout / 2))
            .redirect(reqwest::redirect::Policy::none());
        if self.public_only {
            // Without a proxy, which would look names up by itself.
            builder = builder.dns_resolver(Arc::new(PublicOnly)).no_proxy();
        }
        if self.is_plain {
            builder = builder.tls_certs_only([]).no_proxy();
        }
        builder.build().map_err(SetupError)
    }
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
        let Settings { peer, timeout, max_answer_bytes, headers, public_only } = settings;
        let blueprint = Blueprint { is_plain: peer.scheme() == "http", timeout, headers, public_only };
        // Whatever is wrong with it is said now.
        let clients = ThreadLocal::new();
        clients.get_or_try(|| blueprint.client())?;
        Ok(Self(Arc::new(Shared { clients, blueprint, max_answer_bytes })))
    }

    /// Gets what is at an address.
    pub async fn get(&self, url: Url, headers: HeaderMap) -> Result<Answer, HttpError> {
        self.send(self.client()?.get(url).headers(headers)).await
    }

    /// Posts what is JSON already.
    pub async fn post_json(&self, url: Url, headers: HeaderMap, json: Bytes) -> Result<Answer, HttpError> {
        self.post(url, headers, "application/json", json).await
    }

    /// Posts something of this media type.
    pub async fn post(
        &self,
        url: Url,
        mut headers: HeaderMap,
        media_type: &'static str,
        body: Bytes,
    ) -> Result<Answer, HttpError> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.send(self.client()?.post(url).headers(headers).body(body)).await
    }

    fn client(&self) -> Result<&Client, HttpError> {
        self.0.clients.get_or_try(|| self.0.blueprint.client()).map_err(HttpError::from)
    }

    /// Sends a request once: one that may have been sent is never repeated.
    async fn send(&self, request: RequestBuilder) -> Result<Answer, HttpError> {
        let mut response = request.send().await?;
        let body = self.read(&mut response).await?;
        Ok(Answer { status: response.status(), headers: response.headers().clone(), body })
    }

    async fn read(&self, response: &mut Response) -> Result<Vec<u8>, HttpError> {
        let most = self.0.max_answer_bytes;
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Vec::with_capacity(announced.unwrap_or_default().min(most));
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > most {
                return Err(HttpError::TooLarge(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Whether nobody on the way can answer in the place of an address: it is https, or on this machine.
pub fn is_protected(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether an address is on this machine, by its name.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a host is a name, or an address that is not kept for networks of one's own. What a name leads to is seen when
/// it is asked for.
pub fn is_public(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or_else(|_| !host.is_empty() && !host.ends_with("localhost"), is_public_address)
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
