//! Where alerts go.

use reqwest::Url;

use super::reader::Reader;
use crate::alerts::{WebhookSecret, WebhookSettings};
use crate::net::is_protected;

const URL: &str = "ALERT_WEBHOOK_URL";
const SECRET: &str = "ALERT_WEBHOOK_SECRET";

/// How to get a secret.
const MEND: &str = "write whsec_ and 24 to 64 random bytes in base64: echo whsec_$(openssl rand -base64 32)";

/// What is to be done with alerts.
#[derive(Debug, Clone, Default)]
pub struct Alerting {
    /// `ALERT_WEBHOOK_URL` and `ALERT_WEBHOOK_SECRET`
    pub webhook: Option<WebhookSettings>,
}

impl Alerting {
    /// Reads it.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = url(reader);
        let secret = secret(reader);
        let webhook = match (url?, secret?) {
            (None, None) => None,
            (Some(url), Some(secret)) => Some(WebhookSettings { url, secret }),
            (Some(_), None) => return reader.wrong(SECRET, format!("not set, but {URL} is"), MEND),
            (None, Some(_)) => {
                let mend = format!("set {URL} to where alerts are to go, or take {SECRET} out");
                return reader.wrong(URL, format!("not set, but {SECRET} is"), mend);
            }
        };
        Some(Self { webhook })
    }
}

fn url(reader: &mut Reader<'_>) -> Option<Option<Url>> {
    let Some(written) = reader.text(URL) else {
        return Some(None);
    };
    let fits = |url: &Url| {
        is_protected(url) && url.has_host() && url.username().is_empty() && url.password().is_none()
    };
    match Url::parse(written) {
        Ok(url) if fits(&url) => Some(Some(url)),
        // Not as it is written: a webhook's address may be its secret.
        _ => reader.wrong(
            URL,
            "not an https address, or http on this machine",
            "write the webhook's address, such as https://example.com/alerts, without user and password in it",
        ),
    }
}

fn secret(reader: &mut Reader<'_>) -> Option<Option<WebhookSecret>> {
    let Some(written) = reader.secret(SECRET, 1)? else {
        return Some(None);
    };
    match WebhookSecret::parse(&written) {
        Ok(secret) => Some(Some(secret)),
        Err(error) => reader.wrong(SECRET, error.to_string(), MEND),
    }
}
