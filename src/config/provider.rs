//! The upstream.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use super::identity::Identity;
use super::reader::Reader;
use super::secrets;
use crate::kernel::secret::SafetyIds;
use crate::provider::Settings;

const OPENAI: &str = "https://api.openai.com/v1";

/// The provider, and the names that users have for it.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// `OPENAI_…`
    pub provider: Settings,
    /// `SAFETY_ID_SECRET`, or derived from `JWT_SECRET` where that is unset.
    pub safety_ids: Arc<SafetyIds>,
}

impl Upstream {
    pub(super) fn read(reader: &mut Reader<'_>, identity: Option<&Identity>) -> Option<Self> {
        let provider = Self::provider(reader);
        let safety_ids = match reader.secret("SAFETY_ID_SECRET", 32)? {
            Some(secret) => SafetyIds::new(&secret),
            // Said even where identity itself has a mistake, so that all are told at once.
            None if !reader.is_set("JWT_SECRET") && (identity.is_some() || reader.is_set("JWT_ISSUER")) => {
                let problem = "not set, and there is no JWT_SECRET to derive it from";
                return reader.wrong("SAFETY_ID_SECRET", problem, secrets::MEND);
            }
            None => SafetyIds::derived_from(identity?.shared_secret.as_ref()?),
        };
        Some(Self { provider: provider?, safety_ids: Arc::new(safety_ids) })
    }

    /// Reads where the provider is and who we are to it.
    pub fn provider(reader: &mut Reader<'_>) -> Option<Settings> {
        let api_key = reader.secret("OPENAI_API_KEY", 1);
        let base_url = base_url(reader);
        let timeout = reader.number("OPENAI_TIMEOUT_MS", 100..=120_000, 10_000);
        Some(Settings {
            base_url: base_url?,
            api_key: api_key?,
            timeout: Duration::from_millis(timeout?),
            organization: reader.text("OPENAI_ORGANIZATION").map(str::to_owned),
            project: reader.text("OPENAI_PROJECT").map(str::to_owned),
        })
    }
}

fn base_url(reader: &mut Reader<'_>) -> Option<Url> {
    let written = reader.text("OPENAI_BASE_URL").unwrap_or(OPENAI);
    let mend = "write the provider's address with the version, such as https://api.openai.com/v1";
    let plain = |url: &Url| {
        let web = matches!(url.scheme(), "https" | "http") && url.has_host();
        web && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    match Url::parse(written) {
        Ok(url) if plain(&url) => Some(url),
        _ => reader.wrong("OPENAI_BASE_URL", "not a plain http or https address", mend),
    }
}
