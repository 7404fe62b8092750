//! The policy in force, which may be replaced while the service runs.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Policy;

/// A handle to the policy in force. Whoever serves a request takes the policy once, so that one request sees one policy.
#[derive(Debug, Clone)]
pub struct CurrentPolicy(Arc<ArcSwap<Policy>>);

impl CurrentPolicy {
    /// With this policy in force.
    pub fn new(policy: Arc<Policy>) -> Self {
        Self(Arc::new(ArcSwap::new(policy)))
    }

    /// The policy in force now.
    pub fn take(&self) -> Arc<Policy> {
        self.0.load_full()
    }

    /// Puts another one in force, for every handle.
    pub fn replace(&self, policy: Policy) {
        self.0.store(Arc::new(policy));
    }
}
