//! From an order to a spend: what the user may have, and whether their hour has room for it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::Instrument;

use super::error::MintError;
use super::payer::Payer;
use super::prepared::Prepared;
use super::{AskedRole, Inner, Known, Order};
use crate::kernel::ids::MintId;
use crate::kernel::user::User;
use crate::limit::{Decision, Verdict};
use crate::policy::{Policy, Rights, Role, RoleNotAllowed};
use crate::store::{Ask, Spent, Standing, StoreError};
use crate::traces;

/// How often the users table may contradict us in one mint before we give up. More than once means that somebody is
/// changing the row at this very moment.
const MOST_ATTEMPTS: u32 = 3;

/// A mint that was paid for.
#[derive(Debug)]
pub(super) struct Paid {
    pub(super) id: MintId,
    pub(super) session: Arc<Prepared>,
    pub(super) payer: Payer,
    pub(super) decision: Decision,
    /// What was granted without the store, and when.
    pub(super) unrecorded: Option<(Arc<Ask>, DateTime<Utc>)>,
}

/// What the user gets, if their hour has room.
struct Terms {
    hourly_limit: u16,
    session: Arc<Prepared>,
    payer: Payer,
}

impl Inner {
    pub(super) async fn spend(&self, order: &Order, known: &mut Known) -> Result<Paid, MintError> {
        let user = &order.identity.user;
        // Taken once: one request sees one policy.
        let policy = self.parts.policy.take();
        let mut standing = self.standings.assumed(user);
        let mut certain = false;
        for _ in 0..MOST_ATTEMPTS {
            let terms = match self.terms(&policy, order, &standing, known) {
                Ok(terms) => terms,
                Err(refusal) if certain => return Err(refusal),
                Err(refusal) => {
                    // Nobody is refused on an assumption, as long as the table can be asked.
                    standing = self.standing(user).await?.ok_or(refusal)?;
                    certain = true;
                    continue;
                }
            };
            let ask = self.ask(order, &terms, &standing);
            let id = ask.id;
            let asked_at = self.parts.clock.instant();
            let turn = traces::store_turn();
            let verdict = self.parts.limiter.spend(ask).instrument(turn.clone()).await;
            if verdict.is_err() {
                traces::failed(&turn);
            }
            let waited = self.parts.clock.instant().saturating_duration_since(asked_at);
            self.parts.metrics.waited_for_store(waited);
            let Verdict { spent, unrecorded } = verdict?;
            match spent {
                Spent::Granted(hour) => {
                    let decision = Decision::granted(&hour, terms.hourly_limit);
                    let unrecorded = unrecorded.map(|ask| (ask, hour.at));
                    let Terms { session, payer, .. } = terms;
                    return Ok(Paid { id, session, payer, decision, unrecorded });
                }
                Spent::Refused(hour) => {
                    return Err(MintError::Spent(Decision::refused(&hour, terms.hourly_limit)));
                }
                Spent::Otherwise(held) => {
                    self.standings.remember(user, &held);
                    standing = held;
                    certain = true;
                }
            }
        }
        Err(MintError::Internal)
    }

    /// How the user stands by the table; none where the store fails and is done without: then the last that was known of
    /// the user has to do, or their token alone.
    async fn standing(&self, user: &User) -> Result<Option<Standing>, StoreError> {
        if self.parts.limiter.is_without_store() {
            return Ok(None);
        }
        match self.parts.store.standing(&user.key).await {
            Ok(standing) => {
                self.standings.remember(user, &standing);
                Ok(Some(standing))
            }
            Err(_) if self.parts.limiter.can_do_without_store() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the policy gives this user, if the table says this about them.
    fn terms(
        &self,
        policy: &Arc<Policy>,
        order: &Order,
        standing: &Standing,
        known: &mut Known,
    ) -> Result<Terms, MintError> {
        *known = Known::default();
        if standing.disabled {
            return Err(MintError::Disabled);
        }
        let identity = &order.identity;
        let role = role(policy, order, standing)?;
        let settings = standing.settings.as_ref();
        let own = settings.and_then(|own| role.language_of(&own.settings));
        let language = role.language(order.languages.wanted(own));
        let name = standing.name.as_deref().or(identity.name.as_deref());
        let session = self
            .preparer
            .session(policy, role, language, name, &order.asked, settings)
            .inspect_err(|_| {
                *known = Known {
                    role: Some(role.name().into()),
                    language: Some(language.into()),
                    model: None,
                    series: Some(self.parts.metrics.mint_series(role.name(), None)),
                };
            })?;
        *known = session.known();
        let payer = self.payer(&identity.user, standing.key.as_ref(), role.keys())?;
        let hourly_limit = standing.hourly_limit.unwrap_or_else(|| role.hourly_limit());
        Ok(Terms { hourly_limit, session, payer })
    }

    fn ask(&self, order: &Order, terms: &Terms, assumed: &Standing) -> Ask {
        Ask {
            id: MintId::new(self.parts.clock.now()),
            user: order.identity.user.clone(),
            assumed: assumed.clone(),
            hourly_limit: terms.hourly_limit,
            role: terms.session.role.clone(),
            language: terms.session.language.clone(),
            session_type: terms.session.kind,
            model: terms.session.model.clone(),
            key_source: terms.payer.source(),
            request_id: order.request_id.clone(),
        }
    }
}

fn role<'p>(policy: &'p Policy, order: &Order, standing: &Standing) -> Result<&'p Role, RoleNotAllowed> {
    let (assigned, claimed) = (standing.role.as_deref(), order.identity.roles.as_slice());
    let role = |requested| policy.role(&Rights { assigned, claimed, requested });
    match &order.role {
        AskedRole::Own => role(None),
        AskedRole::Only(asked) => role(Some(asked)),
        AskedRole::Rather(asked) => role(Some(asked)).or_else(|_| role(None)),
    }
}
