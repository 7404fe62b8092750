//! What series there are: names by the conventions of Prometheus, and what they are for.

use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Metrics;
use super::mints::Shown;

impl Metrics {
    /// Registers everything, of the service of this version.
    pub(super) fn register(&mut self, version: &str) {
        self.registry.register_collector(Box::new(self.process.clone()));
        let mut registry = std::mem::take(&mut self.registry);
        let own = registry.sub_registry_with_prefix("ephemint");
        own.register("build", "The version that runs", Info::new([("version", version.to_owned())]));
        self.register_mints(own);
        self.register_store(own);
        self.register_policy(own);
        let help = "Alerts that this process raised, by the kind of their rule";
        own.register("alerts_raised", help, self.alerts.clone());
        let help = "Attempts to deliver an alert to the webhook, by result";
        own.register("alert_deliveries", help, self.alert_deliveries.clone());
        let help = "Addresses and users whose bursts are kept in memory";
        own.register("burst_keys", help, self.burst_keys.clone());
        self.registry = registry;
    }

    fn register_mints(&self, registry: &mut Registry) {
        registry.register_collector(Box::new(Shown(self.mints.clone())));
        let help = "Tokens handed out, by whose key pays for them: the operator's or the user's own";
        registry.register("tokens", help, self.tokens.clone());
        let help = "From the order to the answer of a mint, by result: issued, refused or failed";
        registry.register_with_unit("mint_duration", help, Unit::Seconds, self.durations.clone());
        let help = "What a mint waited for the store, its turn included";
        registry.register_with_unit("mint_store_duration", help, Unit::Seconds, self.store.clone());
        let help = "What a mint waited for the provider";
        registry.register_with_unit("mint_upstream_duration", help, Unit::Seconds, self.upstream.clone());
        registry.register("refusals", "Requests answered with an error, by its code", self.refusals.clone());
    }

    fn register_store(&self, registry: &mut Registry) {
        let help = "Whether the store answered when it was last asked";
        registry.register("store_up", help, self.store_up.clone());
        let help = "Mints in one round trip to the store";
        registry.register("store_batch_mints", help, self.batches.clone());
        let help = "Statements that wait for their turn, by the way that they take to the database";
        registry.register("store_waiting", help, self.lane_waiting.clone());
        let help = "Connections to the database that are open, by what they do";
        registry.register("store_connections", help, self.connections.clone());
        let help = "Connections to the database that may be open";
        registry.register("store_connections_max", help, self.most_connections.clone());
        let help = "Mints that were granted by this process's own memory because the store failed";
        registry.register("store_degraded_mints", help, self.degraded_mints.clone());
        let help = "Mints granted without the store that wait to be entered in the ledger";
        registry.register("store_unentered_mints", help, self.unentered_mints.clone());
    }

    fn register_policy(&self, registry: &mut Registry) {
        let help = "The policy in force, by a digest of its text";
        registry.register("policy_version", help, self.policy_version.clone());
        let help = "Attempts to load a changed policy, by result";
        registry.register("policy_reloads", help, self.policy_reloads.clone());
        let help = "Whether the policy file as it stands was refused, so that an older one is in force";
        registry.register("policy_refused", help, self.policy_refused.clone());
        let help = "How old an issuer's key set is";
        registry.register_with_unit("key_set_age", help, Unit::Seconds, self.key_set_age.clone());
        let help = "How long an issuer's key set is good, by its issuer; after that it is fetched again";
        registry.register_with_unit("key_set_fresh_for", help, Unit::Seconds, self.key_set_fresh_for.clone());
        let help = "Whether there is a key set to check an issuer's tokens by";
        registry.register("key_set_usable", help, self.key_set_usable.clone());
    }
}
