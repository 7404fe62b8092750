//! The policy file, read again when it changes.
//!
//! It is looked at from time to time, by its content: that sees a file that was written anew, one that was moved into its
//! place, and a symlink that points elsewhere now, as in a mounted ConfigMap.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use crate::admin::Administration;
use crate::config::PolicyFile;
use crate::metrics::{Metrics, Reload};
use crate::policy::{CurrentPolicy, Mistake};

const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A file that is being written may be a good policy as far as it goes; it has to stay the same for so long.
const SETTLED_AFTER: Duration = Duration::from_millis(300);

/// What was read: a text, or why there is none.
type Content = Result<String, String>;

/// Reads the file again when it has changed, or when `reload` says so, for as long as the service runs.
pub(super) async fn follow(file: Option<PolicyFile>, parts: Parts, reload: Arc<Notify>) {
    let Some(file) = file else {
        loop {
            reload.notified().await;
            tracing::info!("there is no policy to read again: POLICY_FILE is not set");
        }
    };
    let mut follower = Follower { file, parts, seen: None };
    follower.follow(&reload).await;
}

/// What a new policy is told to.
pub(super) struct Parts {
    policy: CurrentPolicy,
    metrics: Arc<Metrics>,
    administration: Administration,
}

impl Parts {
    pub(super) fn new(
        policy: &CurrentPolicy,
        metrics: &Arc<Metrics>,
        administration: &Administration,
    ) -> Self {
        Self { policy: policy.clone(), metrics: metrics.clone(), administration: administration.clone() }
    }
}

struct Follower {
    file: PolicyFile,
    parts: Parts,
    /// What was last looked at, good or bad. None before the first look.
    seen: Option<Content>,
}

impl Follower {
    async fn follow(&mut self, reload: &Notify) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = reload.notified() => {
                    let content = read(self.file.path()).await;
                    self.load(content);
                }
                _ = ticks.tick() => self.look().await,
            }
        }
    }

    /// Loads what has changed and stays as it is.
    async fn look(&mut self) {
        let content = read(self.file.path()).await;
        if self.is_known(&content) {
            return;
        }
        tokio::time::sleep(SETTLED_AFTER).await;
        if read(self.file.path()).await == content {
            self.load(content);
        }
    }

    fn is_known(&self, content: &Content) -> bool {
        match (&self.seen, content) {
            (Some(seen), content) => seen == content,
            // The file as it was at the start is in force already.
            (None, Ok(text)) => crate::policy::version(text) == self.parts.policy.take().version(),
            (None, Err(_)) => false,
        }
    }

    fn load(&mut self, content: Content) {
        let loaded = match &content {
            Ok(text) => self.file.load(text),
            Err(problem) => Err(vec![Mistake {
                at: "POLICY_FILE".to_owned(),
                problem: format!("{}: {problem}", self.file.path().display()),
                mend: "put a policy file there that can be read".to_owned(),
            }]),
        };
        self.seen = Some(content);
        match loaded {
            Ok(policy) => {
                let version = policy.version().to_owned();
                let issuers_changed = policy.issuers() != self.parts.policy.take().issuers();
                // Before it is in force: whoever mints under it asks once where that is counted.
                self.parts.metrics.policy_in_force(&version, policy.roles_and_models());
                self.parts.metrics.policy_reload(Reload::Loaded);
                self.parts.policy.replace(policy);
                self.parts.administration.policy_reloaded(Ok(&version));
                // Only now is it true.
                tracing::info!(version, "the policy file was read again and is in force");
                if issuers_changed {
                    tracing::warn!(
                        "[[issuers]] of the policy file are read at the start only: start the service again"
                    );
                }
            }
            Err(mistakes) => {
                for Mistake { at, problem, mend } in &mistakes {
                    tracing::error!(at, problem, mend, "the policy file has a mistake");
                }
                let version = self.parts.policy.take().version().to_owned();
                tracing::error!(mistakes = mistakes.len(), version, "the policy stays as it was");
                self.parts.metrics.policy_reload(Reload::Refused);
                self.parts.administration.policy_reloaded(Err(mistakes.len()));
            }
        }
    }
}

async fn read(path: &Path) -> Content {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || std::fs::read_to_string(path));
    read.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
