//! `GET /v1/service/users/{id}/keys/{provider}`: a user's key in the clear, for a backend that may read it.

use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, ResponseError};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;

use super::super::Edge;
use super::super::admin::subject;
use super::super::problem::{Problem, sentence};
use super::super::provider_keys::provider_of;
use super::{Purpose, Service};
use crate::kernel::provider_name::ProviderName;
use crate::kernel::service::Scope;
use crate::kernel::user::User;
use crate::keys::{Disclosure, DisclosureError, KeysError};
use crate::store::{Act, Action};

/// What it is for, in the backend's words.
const REASON: &str = "X-Reason";

/// The longest reason, in characters.
const MOST_REASON_CHARS: usize = 200;

/// Reads keys of users.
#[derive(Debug)]
pub(in super::super) struct ReadsKeys;

impl Purpose for ReadsKeys {
    const SCOPE: Scope = Scope::KeysRead;
}

/// The middleware says `Cache-Control: no-store` of every answer.
#[derive(Serialize)]
pub(in super::super) struct Answer {
    provider: String,
    key: String,
}

/// What is known of a request, for the audit trail.
#[derive(Default)]
struct Asked {
    user: Option<Arc<User>>,
    provider: Option<ProviderName>,
    reason: Option<String>,
}

pub(in super::super) async fn get(
    service: Service<ReadsKeys>,
    request: HttpRequest,
    edge: Data<Edge>,
) -> Result<Json<Answer>, Problem> {
    let mut asked = Asked::default();
    let read = read(&service, &request, &edge, &mut asked).await;
    if let Err(problem) = &read
        && problem.status_code().is_client_error()
    {
        edge.administration.refused(&asked.act(&service, &edge), problem.code());
    }
    read.map(Json)
}

async fn read(
    service: &Service<ReadsKeys>,
    request: &HttpRequest,
    edge: &Edge,
    asked: &mut Asked,
) -> Result<Answer, Problem> {
    let user = asked.user.insert(subject::of(request, edge).await?);
    let provider = ProviderName::parse(&provider_of(request).await?);
    let provider = provider.map_err(|error| Problem::invalid("provider", sentence(&error)))?;
    let provider = asked.provider.insert(provider);
    let reason = asked.reason.insert(reason(request)?);
    let Service { service, origin, .. } = service;
    let key = edge.keys.disclose(&Disclosure { service, origin, user, provider, reason }).await?;
    Ok(Answer { provider: provider.to_string(), key: key.expose_secret().to_owned() })
}

/// What the key is for. It is written down for good, so it has to be there, and to be of a size that somebody reads.
fn reason(request: &HttpRequest) -> Result<String, Problem> {
    let mut values = request.headers().get_all(REASON);
    let only = values.next().filter(|_| values.next().is_none());
    let text = only.and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).map(str::trim);
    let is_reason = |text: &&str| {
        (1..=MOST_REASON_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    text.filter(is_reason).map(str::to_owned).ok_or_else(|| {
        let detail = "Send an X-Reason header: what the key is for, in 1 to 200 printable characters, nobody's name among them.";
        Problem::invalid(REASON, detail)
    })
}

impl Asked {
    fn act(self, service: &Service<ReadsKeys>, edge: &Edge) -> Act {
        let act = Act::done(edge.clock.now(), service.origin.clone(), Action::ReadKey, self.user);
        let detail = json!({
            "service": service.service.name.as_str(),
            "provider": self.provider.as_ref().map(ProviderName::as_str),
            "reason": self.reason,
        });
        Act { detail: Some(detail.to_string()), ..act }
    }
}

impl From<DisclosureError> for Problem {
    fn from(error: DisclosureError) -> Self {
        let code = error.code();
        match error {
            DisclosureError::Off => Self::new(code, sentence(&error)),
            DisclosureError::OtherProvider => Self::new(code, sentence(&error)).at("provider"),
            DisclosureError::Keys(KeysError::NoKey) => {
                Self::new(code, "This user has stored no key of this provider.")
            }
            DisclosureError::Keys(error) => error.into(),
        }
    }
}
