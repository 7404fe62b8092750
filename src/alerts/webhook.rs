//! The webhook: alerts as messages, signed as Standard Webhooks has it (<https://www.standardwebhooks.com>).

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::shown::ShownAlert;
use crate::net::header::{HeaderMap, HeaderValue};
use crate::net::{Http, HttpError, Settings, SetupError};

/// From asking to the whole answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Nobody needs to say more to a message.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// How long a secret is, in bytes, by the standard.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Signs messages.
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

/// Not a secret by the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// It has another beginning.
    #[error("it does not begin with whsec_")]
    Prefix,
    /// What follows is not base64.
    #[error("what comes after whsec_ is not base64")]
    NotBase64,
    /// It is too short or too long.
    #[error("what comes after whsec_ is not 24 to 64 bytes, in base64")]
    Length,
}

impl WebhookSecret {
    /// Reads `whsec_` and base64 of 24 to 64 bytes.
    pub fn parse(written: &SecretString) -> Result<Self, BadSecret> {
        let encoded = written.expose_secret().strip_prefix(PREFIX).ok_or(BadSecret::Prefix)?;
        let key = STANDARD.decode(encoded).map_err(|_| BadSecret::NotBase64)?;
        if !SECRET_BYTES.contains(&key.len()) {
            return Err(BadSecret::Length);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The signature of a message with this id, sent at this second since 1970.
    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// Where alerts go.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Its address, which may have a secret in it.
    pub url: Url,
    /// What they are signed with.
    pub secret: WebhookSecret,
}

impl std::fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebhookSettings({}, …)", self.url.host_str().unwrap_or_default())
    }
}

/// Sends alerts to an address.
#[derive(Debug, Clone)]
pub struct Webhook {
    settings: WebhookSettings,
    http: Http,
}

/// A webhook did not take a message.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It answered so. A redirect is one of these: it is not followed.
    #[error("the webhook answered {0}, not 2xx")]
    Refused(u16),
    /// It gave no answer.
    #[error("the webhook gave no answer")]
    NoAnswer(#[from] HttpError),
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: &'a str,
    data: &'a ShownAlert,
}

impl Webhook {
    /// A webhook by these settings. Nothing is sent yet.
    pub fn new(settings: WebhookSettings) -> Result<Self, SetupError> {
        let http = Http::new(Settings {
            peer: &settings.url,
            timeout: TIMEOUT,
            max_answer_bytes: MAX_ANSWER_BYTES,
            headers: HeaderMap::new(),
            public_only: false,
        })?;
        Ok(Self { settings, http })
    }

    /// Sends an alert, and says with which status it was taken. The same alert is the same message, however often it is sent.
    pub async fn send(&self, alert: &ShownAlert, now: DateTime<Utc>) -> Result<u16, WebhookError> {
        let message = Message { kind: "alert.raised", timestamp: &alert.raised_at, data: alert };
        // Only maps with keys that are no text can't be written.
        let body = serde_json::to_vec(&message).unwrap_or_default();
        let timestamp = now.timestamp();
        let mut headers = HeaderMap::new();
        let signature = self.settings.secret.sign(&alert.id, timestamp, &body);
        for (name, value) in [
            ("webhook-id", alert.id.as_str()),
            ("webhook-timestamp", &timestamp.to_string()),
            ("webhook-signature", &signature),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        let answer = self.http.post_json(self.settings.url.clone(), headers, body.into()).await?;
        if answer.status.is_success() {
            Ok(answer.status.as_u16())
        } else {
            Err(WebhookError::Refused(answer.status.as_u16()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // From the reference implementation's own tests.
        let secret = WebhookSecret::parse(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(!format!("{secret:?}").contains("Mf"));
    }

    #[test]
    fn secrets_have_the_form_of_the_standard() {
        let parse = |text: &str| WebhookSecret::parse(&text.into()).map(|_| ());
        assert_eq!(parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Err(BadSecret::Prefix));
        assert_eq!(parse("whsec_not base64!"), Err(BadSecret::NotBase64));
        assert_eq!(parse("whsec_c2hvcnQ="), Err(BadSecret::Length));
        assert_eq!(parse(&format!("whsec_{}", STANDARD.encode([7; 64]))), Ok(()));
        assert_eq!(parse(&format!("whsec_{}", STANDARD.encode([7; 65]))), Err(BadSecret::Length));
    }
}
