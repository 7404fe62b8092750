//! The body: what the caller would like to be otherwise.

use std::sync::Arc;

use serde::Deserialize;

use super::super::accept_language::languages;
use super::super::problem::Problem;
use super::super::strict::{Object, Whole, Word};
use super::session::Session;
use crate::auth::Identity;
use crate::kernel::ids::RequestId;
use crate::mint::{AskedRole, Order};
use crate::policy::Asked;

/// The provider's bounds for a token's life, in seconds.
const TTL_SECONDS: std::ops::RangeInclusive<u32> = 10..=7200;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Request {
    role: Option<String>,
    language: Option<String>,
    #[serde(default)]
    session: Object<Session>,
    expires_after: Option<Object<ExpiresAfter>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpiresAfter {
    /// Takes one value only, so there is nothing to keep of it.
    #[serde(rename = "anchor")]
    _anchor: Option<Word<Anchor>>,
    seconds: Whole,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Anchor {
    CreatedAt,
}

impl Request {
    /// The request as an order of this user.
    pub(super) fn order(
        self,
        identity: Arc<Identity>,
        accepted: Vec<String>,
        request_id: RequestId,
    ) -> Result<Order, Problem> {
        let asked = Asked {
            session: self.session.0.asked()?,
            ttl_seconds: self.expires_after.map(|after| ttl(after.0.seconds.0)).transpose()?,
        };
        let role = self.role.map_or(AskedRole::Own, AskedRole::Only);
        let languages = languages(self.language, &identity, accepted)?;
        Ok(Order { identity, request_id, role, languages, asked })
    }
}

fn ttl(seconds: u32) -> Result<u32, Problem> {
    if TTL_SECONDS.contains(&seconds) {
        return Ok(seconds);
    }
    Err(Problem::invalid("expires_after.seconds", "A token lives 10 to 7200 seconds."))
}
