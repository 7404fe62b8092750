//! Floor 3: what operators do, and what is kept of that.

mod error;
mod journal;
mod operators;

use std::sync::Arc;

use serde_json::json;

pub use error::{AdminError, EraseError, NotOperator};
pub use journal::Journal;
pub use operators::Operators;

use crate::kernel::clock::Clock;
use crate::kernel::code::Code;
use crate::kernel::ids::ActId;
use crate::kernel::user::{User, UserKey};
use crate::policy::CurrentPolicy;
use crate::store::{
    Act, Action, AuditRow, Decided, ERASED_AT_ONCE, Erased, Erasing, LedgerRow, MintPage, Origin, Store,
    StoreError, UserPage, UserRecord,
};

/// Statements for the mints of one user while somebody waits. What is left after them is for the job.
const MOST_STEPS: usize = 20;

/// Does what operators ask for.
#[derive(Debug, Clone)]
pub struct Administration {
    /// Who is one.
    pub operators: Operators,
    /// What is to be written down without anybody waiting for it.
    pub journal: Arc<Journal>,
    store: Arc<dyn Store>,
    policy: CurrentPolicy,
    clock: Arc<dyn Clock>,
}

impl Administration {
    /// On this store, under this policy; `roles` are those whose users are operators.
    pub fn new(
        store: Arc<dyn Store>,
        policy: CurrentPolicy,
        roles: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let operators = Operators::new(roles, store.clone(), policy.clone());
        Self { operators, journal: Arc::default(), store, policy, clock }
    }

    /// A page of the users about whom something was decided.
    pub async fn users(&self, page: &UserPage) -> Result<Vec<UserRecord>, AdminError> {
        Ok(self.store.users(page).await?)
    }

    /// What was decided about a user.
    pub async fn user(&self, user: &UserKey) -> Result<UserRecord, AdminError> {
        self.store.user(user).await?.ok_or(AdminError::NothingDecided)
    }

    /// Decides about a user, in place of whatever was decided before.
    pub async fn put_user(
        &self,
        origin: &Origin,
        user: &Arc<User>,
        decided: &Decided,
    ) -> Result<UserRecord, AdminError> {
        let detail = detail(decided);
        let act = Act { detail: Some(detail), ..self.act(origin, Action::PutUser, Some(user)) };
        if let Some(role) = &decided.role {
            self.check_role(role).inspect_err(|error| self.refused(&act, error.code()))?;
        }
        Ok(self.store.put_user(user, decided, &act).await?)
    }

    fn check_role(&self, role: &str) -> Result<(), AdminError> {
        let policy = self.policy.take();
        if policy.find(role).is_some() {
            return Ok(());
        }
        let known = policy.roles().map(|role| role.name().to_owned()).collect();
        Err(AdminError::UnknownRole { asked: role.to_owned(), known })
    }

    /// Erases a user, with everything that was decided about them.
    pub async fn erase_user(&self, origin: &Origin, user: &Arc<User>) -> Result<(), EraseError> {
        self.erase(origin, user, Erasing::Whole).await
    }

    /// Erases a user who asks for that.
    pub async fn erase_oneself(&self, origin: &Origin, user: &Arc<User>) -> Result<(), EraseError> {
        self.erase(origin, user, Erasing::Own).await
    }

    async fn erase(&self, origin: &Origin, user: &Arc<User>, how: Erasing) -> Result<(), EraseError> {
        let act = self.act(origin, Action::EraseUser, Some(user));
        let refusal = match self.store.erase(user, how, &act).await? {
            Erased::Done => {
                self.journal.forget(user);
                return self.anonymise().await.map_err(EraseError::from);
            }
            Erased::Disabled => EraseError::Disabled,
            Erased::Held => EraseError::Held,
        };
        self.refused(&act, refusal.code());
        Err(refusal)
    }

    /// Takes the next steps for everybody who is being erased, as long as there are any, and not for ever.
    pub async fn anonymise(&self) -> Result<(), StoreError> {
        for _ in 0..MOST_STEPS {
            if self.store.anonymise().await? < u64::from(ERASED_AT_ONCE) {
                break;
            }
        }
        Ok(())
    }

    /// A page of the ledger.
    pub async fn mints(&self, page: &MintPage) -> Result<Vec<LedgerRow>, AdminError> {
        Ok(self.store.mints(page).await?)
    }

    /// A page of the audit trail.
    pub async fn acts(&self, before: ActId, limit: u16) -> Result<Vec<AuditRow>, AdminError> {
        Ok(self.store.acts(before, limit).await?)
    }

    /// Notes that somebody was refused a request that is for operators.
    pub fn denied(&self, origin: &Origin, request: &str, code: Code) {
        let detail = json!({ "request": request }).to_string();
        let act = Act { detail: Some(detail), ..self.act(origin, Action::Request, None) };
        self.refused(&act, code);
    }

    /// Notes that something about a user's key of a provider was refused.
    pub fn key_refused(&self, origin: &Origin, action: Action, user: &Arc<User>, provider: &str, code: Code) {
        let detail = json!({ "provider": provider }).to_string();
        let act = Act { detail: Some(detail), ..self.act(origin, action, Some(user)) };
        self.refused(&act, code);
    }

    fn refused(&self, act: &Act, code: Code) {
        self.journal.count(Act { refused: Some(code), ..act.clone() });
    }

    /// An act that is done now.
    fn act(&self, origin: &Origin, action: Action, target: Option<&Arc<User>>) -> Act {
        Act::done(self.clock.now(), origin.clone(), action, target.cloned())
    }

    /// Notes that the policy file was read again: its version where it is in force now, or how many mistakes it has.
    pub fn policy_reloaded(&self, result: Result<&str, usize>) {
        let origin = Origin { actor: crate::store::Actor::Service, address: None, request_id: None };
        let act = self.act(&origin, Action::ReloadPolicy, None);
        let (detail, refused) = match result {
            Ok(version) => (json!({ "version": version }), None),
            Err(mistakes) => (json!({ "mistakes": mistakes }), Some(Code::InvalidRequest)),
        };
        self.journal.note(Act { detail: Some(detail.to_string()), refused, ..act });
    }

    /// Writes down what waits for that. What can't be written waits on.
    pub async fn write_journal(&self, all: bool) -> Result<(), StoreError> {
        let taken = self.journal.take(if all { None } else { Some(self.clock.now()) });
        if taken.acts.is_empty() {
            return Ok(());
        }
        let written = self.store.record(&taken.acts).await;
        match &written {
            Err(StoreError::Unavailable { .. }) => {}
            Ok(()) => taken.done(),
            Err(StoreError::Data { .. }) => {
                // They would be refused for ever, and all that comes after them.
                tracing::error!(
                    count = taken.acts.len(),
                    "the database refused acts; the audit trail lacks them"
                );
                taken.done();
            }
        }
        written
    }
}

/// What was decided, without the name: an audit trail must not have to forget.
fn detail(decided: &Decided) -> String {
    let own = decided.hourly_limit;
    json!({
        "role": decided.role,
        "has_display_name": decided.name.is_some(),
        "disabled": decided.disabled,
        "hourly_limit": own.map(|own| own.tokens),
        "hourly_limit_until": own.and_then(|own| own.until),
    })
    .to_string()
}
