//! What every part stands on.

use std::sync::Arc;

use crate::admin::Administration;
use crate::alerts::{self, Webhook};
use crate::config::{Alerting, Sealing};
use crate::kernel::clock::Clock;
use crate::keys::{self, Checks, Keys, ServiceKeys};
use crate::metrics::Metrics;
use crate::policy::{CurrentPolicy, Policy};
use crate::store::Store;
use crate::vault::KeyAges;

/// The store, the policy in force, the clock and the counters.
#[derive(Clone)]
pub(super) struct Ground {
    pub(super) store: Arc<dyn Store>,
    pub(super) policy: CurrentPolicy,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
}

impl Ground {
    pub(super) fn new(store: Arc<dyn Store>, policy: Arc<Policy>, clock: Arc<dyn Clock>) -> Self {
        let metrics = Arc::new(Metrics::new(env!("CARGO_PKG_VERSION")));
        metrics.started(clock.now());
        metrics.store_answered(true);
        // Before anything is minted: whoever mints asks once where that is counted.
        metrics.policy_in_force(policy.version(), policy.roles_and_models());
        Self { store, policy: CurrentPolicy::new(policy), clock, metrics }
    }

    pub(super) fn administration(&self, roles: Vec<String>) -> Administration {
        Administration::new(self.store.clone(), self.policy.clone(), roles, self.clock.clone())
    }

    pub(super) fn alerts(
        &self,
        alerting: Alerting,
        keep_days: Option<u32>,
        key_ages: Option<KeyAges>,
    ) -> anyhow::Result<alerts::Parts> {
        Ok(alerts::Parts {
            store: self.store.clone(),
            policy: self.policy.clone(),
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            webhook: alerting.webhook.map(Webhook::new).transpose()?,
            keep_days,
            key_ages,
        })
    }

    pub(super) fn keys(&self, sealing: &Sealing, service_keys: ServiceKeys, checks: Checks) -> Keys {
        Keys::new(keys::Parts {
            store: self.store.clone(),
            vault: sealing.vault.clone(),
            checks,
            policy: self.policy.clone(),
            clock: self.clock.clone(),
            service_keys,
            old_after: sealing.reminders.provider_keys,
        })
    }
}
