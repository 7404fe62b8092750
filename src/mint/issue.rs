//! From a spend to a token, and what became of it.

use std::sync::Arc;

use super::error::{MintError, provider_code};
use super::payer::Payer;
use super::rights::Paid;
use super::{Inner, Issued, Order, unrecorded};
use crate::kernel::clock::whole_millis;
use crate::kernel::code::Code;
use crate::provider::{Minted, ProviderError};
use crate::store::{Outcome, Settlement};

impl Inner {
    pub(super) async fn issue(self: &Arc<Self>, order: &Order, paid: Paid) -> Result<Issued, MintError> {
        let started = self.parts.clock.instant();
        let safety_identifier = self.parts.safety_ids.of(&order.identity.user.key);
        let asking = self.parts.provider.mint(&paid.session.body, paid.payer.account(), &safety_identifier);
        let asking = self.parts.cut.run_until_cancelled(asking);
        let result = asking.await.unwrap_or(Err(ProviderError::CutShort));
        let latency = self.parts.clock.instant().saturating_duration_since(started);
        self.parts.metrics.waited_for_provider(latency);
        let key_refusal = paid.payer.refused(&result);
        let end = settlement(&paid, &result, key_refusal.is_some(), whole_millis(latency));
        if let Some((ask, at)) = &paid.unrecorded {
            unrecorded::log(ask, *at, &end);
        }
        self.parts.limiter.settle(&order.identity.user, end);
        if let Payer::User(own) = &paid.payer {
            match key_refusal {
                Some(refusal) => return Err(self.refuse_key(order, own, refusal).await),
                None if result.is_ok() => self.own_key_worked(order, own),
                None => {}
            }
        }
        let minted = result?;
        self.parts.metrics.token_paid_by(paid.payer.source());
        let connect_url = self.parts.provider.connect_url(paid.session.kind);
        Ok(issued(paid, minted, connect_url))
    }
}

fn settlement(
    paid: &Paid,
    result: &Result<Minted, ProviderError>,
    key_refused: bool,
    latency_ms: i32,
) -> Settlement {
    let code = |error| if key_refused { Code::ProviderKeyRefused } else { provider_code(error) };
    let (outcome, error, expires_at) = match result {
        Ok(minted) => (Outcome::Issued, None, Some(minted.expires_at)),
        Err(error) if error.nothing_handed_out() => (Outcome::Refunded, Some(code(error)), None),
        Err(error) => (Outcome::Unconfirmed, Some(code(error)), None),
    };
    Settlement { id: paid.id, outcome, error, latency_ms: Some(latency_ms), expires_at }
}

fn issued(paid: Paid, minted: Minted, connect_url: &str) -> Issued {
    let session = &paid.session;
    Issued {
        value: minted.value,
        expires_at: minted.expires_at,
        session_id: minted.session_id,
        model: minted.model.map_or_else(|| session.model.clone(), Arc::from),
        opens: session.opens.clone(),
        session_expires_at: minted.session_expires_at,
        role: session.role.clone(),
        language: session.language.clone(),
        connect_url: connect_url.to_owned(),
        max_call_seconds: session.max_call_seconds,
        decision: paid.decision,
    }
}
