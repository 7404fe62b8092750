//! The service as a black box: in this process, on a real port, beside a simulated provider and on a real store.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that looks for what isn't there has failed")]
#![expect(clippy::disallowed_methods, reason = "tests are told where PostgreSQL is by the environment")]

mod app;
mod chaos;
mod cluster;
mod database;
mod key_server;
mod keys;
mod person;
mod process;
mod receiver;
pub mod run;

pub use app::{ADMIN_TOKEN, Answer, METRICS, MINT, OLDER, Setup, TestApp, USAGE, send, settings, try_send};
pub use chaos::{ChaosProxy, Network};
pub use cluster::Cluster;
pub use database::{StoreKind, TestDatabase};
pub use key_server::{Behaviour, KeyServer};
pub use keys::{SigningKey, base64url, jwt, sign_hs256};
pub use person::{ISSUER, JWT_SECRET, Person};
pub use process::{EmptyDirectory, ServiceProcess, command};
pub use receiver::{Received, Receiver};

/// Runs one test over both stores: `on_both_stores!(name, setup, body)` where `body` is an `async fn(&TestApp)`.
///
/// `setup` is a [`Setup`]: what differs from a plain service.
#[macro_export]
macro_rules! on_both_stores {
    ($name:ident, $setup:expr, $body:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run($crate::StoreKind::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if $crate::StoreKind::Postgres.is_wanted() {
                    run($crate::StoreKind::Postgres).await;
                }
            }

            async fn run(store: $crate::StoreKind) {
                let app = $crate::TestApp::start(store, $setup).await;
                $body(&app).await;
                app.stop().await;
            }
        }
    };
}

/// Runs one test over the embedded store alone, where the store plays no part: `on_sqlite!(name, setup, body)`.
#[macro_export]
macro_rules! on_sqlite {
    ($name:ident, $setup:expr, $body:expr) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let app = $crate::TestApp::start($crate::StoreKind::Sqlite, $setup).await;
            $body(&app).await;
            app.stop().await;
        }
    };
}
