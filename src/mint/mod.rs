//! Floor 3: the main job. A user asks for a voice session; they get a token, or a reason.
//!
//! The way of a mint: rights by the policy → one spend from the rolling hour, which checks what the rights were worked out
//! from and writes the ledger row → the provider → the outcome. Nothing is asked of the provider before the row is there.

mod error;
mod issue;
mod order;
mod payer;
mod prepared;
mod rights;
mod standings;
mod unrecorded;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use error::MintError;
pub use order::{AskedRole, Issued, Opens, Order};

use self::prepared::Preparer;
use self::standings::Standings;
use crate::kernel::clock::Clock;
use crate::kernel::secret::SafetyIds;
use crate::limit::{Limiter, SpendError};
use crate::metrics::{Metrics, MintEnd, MintSeries};
use crate::policy::CurrentPolicy;
use crate::provider::Provider;
use crate::store::{Outcome, Store};
use crate::vault::{KeyUse, Vault};

/// What minting needs.
#[derive(Debug)]
pub struct Parts {
    /// Rights and instructions.
    pub policy: CurrentPolicy,
    /// Allowances and the ledger.
    pub limiter: Limiter,
    /// Users.
    pub store: Arc<dyn Store>,
    /// The upstream.
    pub provider: Provider,
    /// Names for users that the provider may know.
    pub safety_ids: Arc<SafetyIds>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Opens keys of users; none where they can't be stored.
    pub vault: Option<Arc<Vault>>,
    /// Notes which of them were used.
    pub key_use: Arc<KeyUse>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Carries mints whose client went away to their end.
    pub tasks: TaskTracker,
    /// Ends what is still in flight, at the latest moment at which it can be settled and answered.
    pub cut: CancellationToken,
}

/// Mints tokens.
#[derive(Debug, Clone)]
pub struct Minting(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    standings: Standings,
    preparer: Preparer,
}

impl Minting {
    /// A mint of these parts.
    pub fn new(parts: Parts) -> Self {
        let preparer = Preparer::new(parts.metrics.clone());
        Self(Arc::new(Inner { parts, standings: Standings::default(), preparer }))
    }

    /// Whether new mints are refused, because the service is stopping.
    pub fn is_stopping(&self) -> bool {
        self.0.parts.tasks.is_closed()
    }

    /// Mints a token, or says why not.
    ///
    /// The work goes on if the caller goes away: what was spent is always settled.
    pub async fn mint(&self, order: Order) -> Result<Issued, MintError> {
        // Taken before the look: who waits for the tasks either sees this one or has closed the door before it.
        let _entered = self.0.parts.tasks.token();
        if self.is_stopping() {
            return Err(SpendError::Stopping.into());
        }
        let inner = self.0.clone();
        let asked_at = inner.parts.clock.instant();
        let whole = async move {
            let mut known = Known::default();
            let result = inner.carry_out(&order, &mut known).await;
            let took = inner.parts.clock.instant().saturating_duration_since(asked_at);
            inner.note(&order, &known, &result, took);
            result
        };
        let task = tracing::Instrument::in_current_span(whole);
        self.0.parts.tasks.spawn(task).await.unwrap_or(Err(MintError::Internal))
    }
}

impl Inner {
    /// Once more, with the operator's key, where the provider refuses the user's own and the policy allows that. What was
    /// spent on the first mint is given back before the second is spent: both go to the store in one turn.
    async fn carry_out(self: &Arc<Self>, order: &Order, known: &mut Known) -> Result<Issued, MintError> {
        match self.attempt(order, known).await {
            Err(MintError::KeyRefused { falls_back: true, .. }) => self.attempt(order, known).await,
            result => result,
        }
    }

    async fn attempt(self: &Arc<Self>, order: &Order, known: &mut Known) -> Result<Issued, MintError> {
        let spending = self.parts.cut.run_until_cancelled(self.spend(order, known));
        let paid = spending.await.ok_or(SpendError::Stopping)??;
        self.issue(order, paid).await
    }

    /// One line for each mint, and a count for each refusal.
    fn note(&self, order: &Order, known: &Known, result: &Result<Issued, MintError>, took: Duration) {
        let user = &order.identity.user;
        let (outcome, end) = match result {
            Ok(_) => (Outcome::Issued.as_str(), MintEnd::Issued),
            Err(error) if error.is_refusal() => (error.code().as_str(), MintEnd::Refused(error.code())),
            Err(error) => (error.code().as_str(), MintEnd::Failed(error.code())),
        };
        self.parts.metrics.mint(known.series.as_deref(), end, took);
        tracing::info!(
            user = user.id,
            role = known.role.as_deref(),
            language = known.language.as_deref(),
            model = known.model.as_deref(),
            outcome,
            "mint"
        );
        if let Err(error) = result
            && error.is_refusal()
        {
            self.parts.limiter.refused(user, error.code());
        }
    }
}

/// What has been worked out of a mint, for its log line. What was only asked for stays out.
#[derive(Debug, Default)]
struct Known {
    role: Option<Arc<str>>,
    language: Option<Arc<str>>,
    model: Option<Arc<str>>,
    /// Where it is counted; none while not even the role is known.
    series: Option<Arc<MintSeries>>,
}
