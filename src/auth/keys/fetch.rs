//! Gets an issuer's key set: from a known address, or from the one that its own configuration names.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;

use super::set::{BadKeySet, KeySet};
use crate::auth::settings::{Issuer, KeySource};
use crate::net::header::{CACHE_CONTROL, HeaderMap};
use crate::net::{Http, HttpError, Settings, SetupError, is_loopback};

/// From asking to the whole answer; discovery asks twice.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The largest document that is read. Sets with certificate chains in them have some tens of kilobytes.
const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// How long a set is fresh whose issuer doesn't say.
const DEFAULT_AGE: Duration = Duration::from_secs(600);

/// An issuer's own word on that is heard between these: not so short that it is asked all the time, not so long that a
/// withdrawn key lives on.
const SHORTEST_AGE: Duration = Duration::from_secs(300);
const LONGEST_AGE: Duration = Duration::from_secs(86_400);

/// Fetches the key set of one issuer.
pub(in crate::auth) struct Fetcher {
    http: Http,
    address: Address,
    /// What the issuer is called in its tokens.
    issuer: Option<String>,
    allowed: Vec<Algorithm>,
}

enum Address {
    KeySet(Url),
    Configuration(Url),
}

/// A key set, and how long its issuer says that it is good.
pub(super) struct Fetched {
    pub(super) set: KeySet,
    pub(super) fresh_for: Duration,
}

/// A key set that could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the issuer can't be asked")]
    Http(#[from] HttpError),
    #[error("the issuer answered with status {0}")]
    Status(u16),
    #[error(transparent)]
    KeySet(#[from] BadKeySet),
    #[error("the issuer's configuration can't be read")]
    Configuration,
    #[error("the issuer's configuration is that of another issuer")]
    OtherIssuer,
    #[error("the issuer's configuration names no https address for its key set")]
    Address,
}

/// What discovery (OpenID Connect Discovery 1.0) has to say to us.
#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

/// Where the keys of an issuer are.
pub(in crate::auth) enum Source<'a> {
    /// Here: a shared secret.
    Secret(&'a SecretString),
    /// To be fetched.
    Fetched(Fetcher),
}

impl<'a> Source<'a> {
    pub(in crate::auth) fn of(issuer: &'a Issuer) -> Result<Self, SetupError> {
        let (peer, address) = match &issuer.keys {
            KeySource::Secret(secret) => return Ok(Self::Secret(secret)),
            KeySource::KeySet(url) => (url, Address::KeySet(url.clone())),
            KeySource::Discovery(url) => (url, Address::Configuration(configuration(url))),
        };
        Fetcher::new(peer, address, issuer).map(Self::Fetched)
    }
}

impl Fetcher {
    fn new(peer: &Url, address: Address, issuer: &Issuer) -> Result<Self, SetupError> {
        let settings = Settings {
            peer,
            timeout: TIMEOUT,
            max_answer_bytes: MAX_DOCUMENT_BYTES,
            public_only: false,
            headers: HeaderMap::new(),
        };
        let (name, allowed) = (issuer.name.clone(), issuer.algorithms.clone());
        Ok(Self { http: Http::new(settings)?, address, issuer: name, allowed })
    }

    /// What logs call the issuer.
    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or_default()
    }

    pub(super) async fn fetch(&self) -> Result<Fetched, FetchError> {
        let url = match &self.address {
            Address::KeySet(url) => url.clone(),
            Address::Configuration(url) => self.discover(url).await?,
        };
        let (body, headers) = self.get(url).await?;
        Ok(Fetched { set: KeySet::parse(&body, &self.allowed)?, fresh_for: fresh_for(&headers) })
    }

    async fn discover(&self, url: &Url) -> Result<Url, FetchError> {
        let (body, _) = self.get(url.clone()).await?;
        let found: Configuration = serde_json::from_slice(&body).map_err(|_| FetchError::Configuration)?;
        if Some(&found.issuer) != self.issuer.as_ref() {
            return Err(FetchError::OtherIssuer);
        }
        let jwks = Url::parse(&found.jwks_uri).map_err(|_| FetchError::Address)?;
        let near = url.scheme() == "http" && jwks.scheme() == "http" && is_loopback(&jwks);
        if jwks.scheme() == "https" || near { Ok(jwks) } else { Err(FetchError::Address) }
    }

    async fn get(&self, url: Url) -> Result<(Vec<u8>, HeaderMap), FetchError> {
        let answer = self.http.get(url, HeaderMap::new()).await?;
        match answer.status.as_u16() {
            200 => Ok((answer.body, answer.headers)),
            status => Err(FetchError::Status(status)),
        }
    }
}

/// Where an issuer's configuration is. A slash at the end of its name doesn't count.
fn configuration(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
    url
}

fn fresh_for(headers: &HeaderMap) -> Duration {
    let said = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives =
        said.flat_map(|value| value.split(',')).map(|directive| directive.trim().to_ascii_lowercase());
    let mut age = DEFAULT_AGE;
    for directive in directives {
        if directive == "no-store" || directive == "no-cache" {
            return SHORTEST_AGE;
        }
        let seconds = directive.strip_prefix("max-age=").map(|text| text.trim_matches('"'));
        if let Some(seconds) = seconds.and_then(|text| text.parse().ok()) {
            age = Duration::from_secs(seconds);
        }
    }
    age.clamp(SHORTEST_AGE, LONGEST_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::header::HeaderValue;

    #[test]
    fn the_issuers_word_on_age_is_heard_within_bounds() {
        for (said, seconds) in [
            ("", 600),
            ("public", 600),
            ("max-age=900", 900),
            ("public, Max-Age=7200, must-revalidate", 7200),
            ("max-age=\"900\"", 900),
            ("max-age=0", 300),
            ("max-age=99999999999", 86_400),
            ("max-age=soon", 600),
            ("no-cache, max-age=7200", 300),
            ("no-store", 300),
        ] {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(said))]);
            assert_eq!(fresh_for(&headers), Duration::from_secs(seconds), "{said}");
        }
        assert_eq!(fresh_for(&HeaderMap::new()), DEFAULT_AGE);
    }

    #[test]
    fn a_configuration_is_below_its_issuer() {
        for (issuer, expected) in [
            ("https://a.example", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/realms/x", "https://a.example/realms/x/.well-known/openid-configuration"),
            ("https://a.example/t/v2.0/", "https://a.example/t/v2.0/.well-known/openid-configuration"),
        ] {
            assert_eq!(configuration(&Url::parse(issuer).unwrap()).as_str(), expected);
        }
    }
}
