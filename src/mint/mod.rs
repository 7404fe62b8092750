//! Floor 3: the main job. A user asks for a voice session; they get a token, or a reason.
//!
//! The way of a mint: rights by the policy → one spend from the rolling hour, which checks what the rights were worked out
//! from and writes the ledger row → the provider → the outcome. Nothing is asked of the provider before the row is there.

mod error;
mod issue;
mod order;
mod prepared;
mod rights;
mod standings;
mod unrecorded;

use std::sync::Arc;

use tokio_util::task::TaskTracker;

pub use error::MintError;
pub use order::{AskedRole, Issued, Opens, Order};

use self::prepared::Preparer;
use self::standings::Standings;
use crate::kernel::clock::Clock;
use crate::kernel::secret::SafetyIds;
use crate::limit::{Limiter, SpendError};
use crate::metrics::Metrics;
use crate::policy::CurrentPolicy;
use crate::provider::Provider;
use crate::store::{Outcome, Store};

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
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Carries mints whose client went away to their end.
    pub tasks: TaskTracker,
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
        Self(Arc::new(Inner { parts, standings: Standings::default(), preparer: Preparer::default() }))
    }

    /// Mints a token, or says why not.
    ///
    /// The work goes on if the caller goes away: what was spent is always settled.
    pub async fn mint(&self, order: Order) -> Result<Issued, MintError> {
        if self.0.parts.tasks.is_closed() {
            return Err(SpendError::Stopping.into());
        }
        let inner = self.0.clone();
        let whole = async move {
            let mut known = Known::default();
            let result = inner.carry_out(&order, &mut known).await;
            inner.note(&order, &known, &result);
            result
        };
        let task = tracing::Instrument::in_current_span(whole);
        self.0.parts.tasks.spawn(task).await.unwrap_or(Err(MintError::Internal))
    }
}

impl Inner {
    async fn carry_out(&self, order: &Order, known: &mut Known) -> Result<Issued, MintError> {
        if !self.parts.provider.has_key() {
            return Err(MintError::NoProviderKey);
        }
        let paid = self.spend(order, known).await?;
        self.issue(order, paid).await
    }

    /// One line for each mint, and a count for each refusal.
    fn note(&self, order: &Order, known: &Known, result: &Result<Issued, MintError>) {
        let user = &order.identity.user;
        let outcome = match result {
            Ok(_) => Outcome::Issued.as_str(),
            Err(error) => error.code().as_str(),
        };
        self.parts.metrics.mint(outcome);
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
}
