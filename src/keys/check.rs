//! Asks providers whether a key is good.

use std::sync::Arc;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::error::KeysError;
use crate::kernel::secret::SafetyIds;
use crate::kernel::user::User;
use crate::net::header::{HeaderMap, HeaderName, HeaderValue};
use crate::net::{Http, Settings, is_loopback};
use crate::policy::{CheckRequest, KeyCheck, KeyProvider, Policy};
use crate::provider::{ApiKey, Provider, ProviderError};
use crate::store::KeyState;

/// From asking to the whole answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest answer that is read, in bytes. Only its status is looked at.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// What a provider says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It takes it.
    Taken,
    /// It doesn't, for this reason.
    Refused(KeyState),
    /// No request is known that asks it.
    NotAsked,
}

/// Asks providers.
#[derive(Debug)]
pub struct Checks {
    /// The one that mints.
    pub provider: Provider,
    /// Names for users that it may know.
    pub safety_ids: Arc<SafetyIds>,
}

impl Checks {
    /// What the provider says of this key of a user's.
    pub async fn ask(
        &self,
        provider: &KeyProvider,
        policy: &Policy,
        user: &User,
        key: &SecretString,
    ) -> Result<Verdict, KeysError> {
        match &provider.check {
            KeyCheck::None => Ok(Verdict::NotAsked),
            KeyCheck::Mint => self.try_to_mint(policy, user, key).await,
            KeyCheck::Request(request) => send(request, key).await,
        }
    }

    /// With the model that sessions have here where nobody asks for another one.
    async fn try_to_mint(
        &self,
        policy: &Policy,
        user: &User,
        key: &SecretString,
    ) -> Result<Verdict, KeysError> {
        let Some(key) = ApiKey::new(key) else {
            return Ok(Verdict::Refused(KeyState::Refused));
        };
        let model = policy.default_role().models().next().unwrap_or_default();
        let tried = self.provider.try_key(&key, model, &self.safety_ids.of(&user.key)).await;
        match tried.as_ref().err().and_then(ProviderError::refuses_key) {
            Some(state) => Ok(Verdict::Refused(state)),
            None => Ok(tried.map(|()| Verdict::Taken)?),
        }
    }
}

/// Sends the request that the policy has for this provider. No redirect is followed, and none leads into a private network.
async fn send(request: &CheckRequest, key: &SecretString) -> Result<Verdict, KeysError> {
    let Some(headers) = headers(request, key) else {
        return Ok(Verdict::Refused(KeyState::Refused));
    };
    let http = Http::new(Settings {
        peer: &request.url,
        timeout: PATIENCE,
        max_answer_bytes: MAX_ANSWER_BYTES,
        headers: HeaderMap::new(),
        public_only: !is_loopback(&request.url),
    })?;
    let status = http.get(request.url.clone(), headers).await?.status.as_u16();
    match status {
        200..=299 => Ok(Verdict::Taken),
        400 | 401 | 403 => Ok(Verdict::Refused(KeyState::Refused)),
        402 => Ok(Verdict::Refused(KeyState::NoQuota)),
        _ => Err(KeysError::Unclear(status)),
    }
}

/// The key in its header; none where a header can't carry it.
fn headers(request: &CheckRequest, key: &SecretString) -> Option<HeaderMap> {
    let name = HeaderName::from_bytes(request.header.as_bytes()).ok()?;
    let text = Zeroizing::new(format!("{}{}", request.prefix, key.expose_secret()));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(HeaderMap::from_iter([(name, value)]))
}
