//! What stands round a service: provider, database and policy.

use ephemint_sim::{Settings, Simulator};
use ephemint_test_support::{EmptyDirectory, ServiceProcess, StoreKind, TestDatabase, settings};

/// Tokens an hour, for everybody.
pub(crate) const LIMIT: usize = 5;

const POLICY: &str = "
    defaults.default_role = 'five'
    defaults.instructions.en = 'Speak.'
    roles.five.hourly_tokens = 5
";

/// Everything that services need, before any is started.
pub(crate) struct Site {
    pub(crate) simulator: Simulator,
    pub(crate) database: TestDatabase,
    policy: EmptyDirectory,
}

impl Site {
    /// A provider that forgets nothing, and a fresh database.
    pub(crate) async fn new(store: StoreKind) -> Self {
        Self::on(TestDatabase::create(store).await).await
    }

    /// The same on this database.
    pub(crate) async fn on(database: TestDatabase) -> Self {
        let keep = Settings { keep_requests: 1_000_000, ..Settings::default() };
        let simulator = Simulator::start(keep).await.unwrap();
        let policy = EmptyDirectory::create();
        std::fs::write(policy.0.join("policy.toml"), POLICY).unwrap();
        Self { simulator, database, policy }
    }

    /// The settings of a service here. What is added to them goes before what is in them.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = settings(&self.simulator, &self.database);
        settings.push(("POLICY_FILE", self.policy.0.join("policy.toml").display().to_string()));
        settings
    }

    /// Waits until the provider has been asked so often.
    pub(crate) async fn expect_upstream_requests(&self, count: usize) {
        for _ in 0..400 {
            if self.simulator.requests().len() >= count {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the provider was asked {} times only", self.simulator.requests().len());
    }

    /// Starts a service here, in a process of its own.
    pub(crate) fn start(&self, more: &[(&'static str, &str)]) -> ServiceProcess {
        let mut settings = self.settings();
        settings.extend(more.iter().map(|&(name, value)| (name, value.to_owned())));
        ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings)
    }
}
