//! Floor 3: what users set for their own conversations. It takes effect with their next mint: see `mint`.

mod error;
mod preview;

use std::sync::Arc;

use serde_json::json;

pub use error::SettingsError;
pub use preview::Preview;

use crate::auth::Identity;
use crate::kernel::clock::Clock;
use crate::kernel::ids::{ActId, RequestId};
use crate::kernel::session::PersonalSettings;
use crate::kernel::user::User;
use crate::policy::{Choices, CurrentPolicy, NotAllowed, Policy, Rights, Role, Setting, well_formed};
use crate::store::{Act, Action, Actor, HeldSettings, Origin, Standing, Store};

/// Keeps what users set, within what their roles leave to them.
#[derive(Debug, Clone)]
pub struct OwnSettings {
    store: Arc<dyn Store>,
    policy: CurrentPolicy,
    clock: Arc<dyn Clock>,
}

/// Who asks, and for which role.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The user.
    pub identity: &'a Identity,
    /// The role asked for; none: the user's own.
    pub role: Option<&'a str>,
}

/// What somebody has set, as one role has it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The role.
    pub role: String,
    /// What they have set; none: nothing.
    pub held: Option<HeldSettings>,
    /// What of it the role does not allow, and why: it is left out of their sessions.
    pub refusals: Vec<(Setting, NotAllowed)>,
    /// What the role leaves to them.
    pub choices: Choices,
}

impl Kept {
    fn under(role: &Role, held: Option<HeldSettings>) -> Self {
        let refusals = held.as_ref().map(|own| role.refusals(&own.settings));
        Self {
            role: role.name().to_owned(),
            held,
            refusals: refusals.unwrap_or_default(),
            choices: role.choices(),
        }
    }
}

impl OwnSettings {
    /// Kept in this store, under this policy.
    pub fn new(store: Arc<dyn Store>, policy: CurrentPolicy, clock: Arc<dyn Clock>) -> Self {
        Self { store, policy, clock }
    }

    /// What somebody has set.
    pub async fn read(&self, asking: Asking<'_>) -> Result<Kept, SettingsError> {
        let (policy, standing) = (self.policy.take(), self.standing(asking).await?);
        let role = role(&policy, asking, &standing)?;
        Ok(Kept::under(role, standing.settings))
    }

    /// Sets all of it, in place of whatever was set before. It is in force with the next mint, on every replica.
    pub async fn put(
        &self,
        asking: Asking<'_>,
        settings: PersonalSettings,
        request_id: RequestId,
    ) -> Result<Kept, SettingsError> {
        let (policy, standing) = (self.policy.take(), self.standing(asking).await?);
        let role = role(&policy, asking, &standing)?;
        let settings = allowed(role, settings)?;
        let names: Vec<_> = Setting::of(&settings).map(Setting::as_str).collect();
        let user = &asking.identity.user;
        let act = self.act(user, Action::PutSettings, Some(json!({ "set": names }).to_string()), request_id);
        let held = self.store.put_settings(&user.key, &settings, &act).await?;
        Ok(Kept::under(role, Some(held)))
    }

    /// Deletes what somebody has set. Where there is nothing, nothing happens.
    pub async fn delete(&self, asking: Asking<'_>, request_id: RequestId) -> Result<(), SettingsError> {
        self.standing(asking).await?;
        let user = &asking.identity.user;
        let act = self.act(user, Action::DeleteSettings, None, request_id);
        Ok(self.store.delete_settings(&user.key, &act).await?)
    }

    /// How the user stands, unless they are disabled.
    async fn standing(&self, asking: Asking<'_>) -> Result<Standing, SettingsError> {
        let standing = self.store.standing(&asking.identity.user.key).await?;
        if standing.disabled { Err(SettingsError::Disabled) } else { Ok(standing) }
    }

    /// An act of the user's on what is theirs.
    fn act(&self, user: &Arc<User>, action: Action, detail: Option<String>, request_id: RequestId) -> Act {
        let at = self.clock.now();
        // An address would stay when the user is erased, and say more of them than is left.
        let actor = Actor::User(user.clone());
        Act {
            id: ActId::new(at),
            at,
            origin: Origin { actor, address: None, request_id: Some(request_id) },
            action,
            target: Some(user.clone()),
            detail,
            refused: None,
            count: 1,
        }
    }
}

fn role<'p>(policy: &'p Policy, asking: Asking<'_>, standing: &Standing) -> Result<&'p Role, SettingsError> {
    let (assigned, claimed) = (standing.role.as_deref(), asking.identity.roles.as_slice());
    Ok(policy.role(&Rights { assigned, claimed, requested: asking.role })?)
}

/// Settings that are good and that the role allows, all of them.
fn allowed(role: &Role, settings: PersonalSettings) -> Result<PersonalSettings, SettingsError> {
    // Whether they are well written is no matter to somebody who may not set them.
    role.not_left(&settings).map_or(Ok(()), Err)?;
    let settings = well_formed(settings)?;
    let refusal = role.refusals(&settings).into_iter().next();
    refusal.map_or(Ok(settings), |(_, refusal)| Err(refusal.into()))
}
