//! kill -9 between the moment at which the provider has taken a user's key and that at which it is stored: nothing is stored, nothing is
//! said to be, and entering it again works.

use ephemint_sim::{Fault, Standing};
use ephemint_test_support::run::{self, Kind};
use ephemint_test_support::{Person, StoreKind};
use reqwest::Response;
use serde_json::json;

use crate::site::Site;

const SEALING: (&str, &str) =
    ("ENCRYPTION_KEYS", "first:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763");

const KEY: &str = "sk-user-entering-0123456789-canary";

/// The provider takes so long that the service is surely killed in between.
const LATENCY_MS: u64 = 2_000;

async fn enter(base: &str) -> Result<Response, reqwest::Error> {
    let request = reqwest::Client::new().put(format!("{base}/v1/me/keys/openai"));
    request.bearer_auth(Person::new("ana").token()).json(&json!({ "key": KEY })).send().await
}

async fn killed_in_between(store: StoreKind) {
    run::secret(Kind::ProviderKey, KEY);
    let site = Site::new(store).await;
    site.simulator.put_account("ana", KEY, Standing::Good);
    site.simulator.fail_next(1, Fault::Slow { millis: LATENCY_MS });
    let service = site.start(&[SEALING]);
    let base = service.base().to_owned();
    let (entered, ()) = tokio::join!(enter(&base), async {
        site.expect_upstream_requests(1).await;
        service.kill();
    });
    assert!(entered.is_err(), "there was nobody to answer");
    for table in ["provider_keys", "audit"] {
        assert_eq!(site.database.texts(&format!("SELECT count(*) FROM {table}")).await, ["0"], "{table}");
    }
    let service = site.start(&[SEALING]);
    assert_eq!(enter(service.base()).await.unwrap().status(), 200);
    assert!(service.stop().0.success());
    assert_eq!(site.database.texts("SELECT state FROM provider_keys").await, ["valid"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    killed_in_between(StoreKind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    if StoreKind::Postgres.is_wanted() {
        killed_in_between(StoreKind::Postgres).await;
    }
}
