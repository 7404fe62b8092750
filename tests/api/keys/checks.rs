//! Keys of providers that the policy names, with the request that checks them. Another simulator plays the provider.

use ephemint_sim::{DEMO_API_KEY, Fault, Settings, Simulator};
use ephemint_test_support::{Person, Setup, StoreKind, TestApp};
use serde_json::json;

use super::{POLICY, SEALING, list, put};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_of_the_policy_is_asked_by_its_own_request() {
    let other = Simulator::start(Settings::default()).await.unwrap();
    other.put_account("poor", "sk-poor-0123456789-canary", ephemint_sim::Standing::Revoked);
    let policy = format!("providers.mine.check_url = '{}/models?check=1'\n{POLICY}", other.base_url());
    let app = TestApp::start(StoreKind::Sqlite, Setup::policy(&policy).set("ENCRYPTION_KEYS", SEALING)).await;
    let ana = Person::new("ana");
    let enter = async |key: &str| put(&app, &ana, "mine", json!({ "key": key })).await;

    assert_eq!(enter("sk-poor-0123456789-canary").await.error(), refused());
    for (fault, status) in [
        (Fault::Redirect { location: format!("{}/models", other.base_url()) }, 503),
        (Fault::ServerError, 503),
        (Fault::RateLimited { retry_after: 1 }, 503),
        (Fault::Reset, 503),
        (Fault::Oversized { bytes: 10_000_000 }, 503),
        (Fault::Forbidden, 409),
    ] {
        other.fail_next(1, fault.clone());
        assert_eq!(enter("sk-sim-demo-but-longer-than-that").await.status, status, "{fault:?}");
    }
    let requests = other.requests();
    assert_eq!(requests.len(), 7, "no redirect was followed");
    assert!(requests.iter().all(|asked| asked.method == "GET" && asked.query.as_deref() == Some("check=1")));
    assert_eq!(list(&app, &ana).await["keys"], json!([]));

    other.put_account("good", "sk-good-0123456789-canary", ephemint_sim::Standing::Good);
    let stored = enter("sk-good-0123456789-canary").await;
    assert_eq!((stored.status, &stored.json()["state"]), (200, &json!("valid")));
    assert_eq!(other.last_request().unwrap().account.as_deref(), Some("good"));
    assert_eq!(app.simulator.requests().len(), 0, "the provider that mints has nothing to do with it");
    assert!(!stored.text.contains(DEMO_API_KEY));
    app.stop().await;
    other.stop().await;
}

fn refused() -> (u16, String, String) {
    (409, "provider_key_refused".to_owned(), "key".to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_not_there_stores_nothing() {
    let policy = format!("providers.mine.check_url = 'http://127.0.0.1:9/'\n{POLICY}");
    let app = TestApp::start(StoreKind::Sqlite, Setup::policy(&policy).set("ENCRYPTION_KEYS", SEALING)).await;
    let answer = put(&app, &Person::new("ana"), "mine", json!({ "key": "sk-good-0123456789-canary" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "provider_unreachable"));
    assert_eq!(list(&app, &Person::new("ana")).await["keys"], json!([]));
    app.stop().await;
}

/// The name is public, as far as anybody can tell from its looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_leads_into_a_private_network_is_not_connected_to() {
    let other = Simulator::start(Settings::default()).await.unwrap();
    let port = other.address().port();
    let policy = format!("providers.mine.check_url = 'https://localhost.:{port}/v1/models'\n{POLICY}");
    let app = TestApp::start(StoreKind::Sqlite, Setup::policy(&policy).set("ENCRYPTION_KEYS", SEALING)).await;
    let answer = put(&app, &Person::new("ana"), "mine", json!({ "key": "sk-good-0123456789-canary" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "provider_unreachable"));
    app.stop().await;
    other.stop().await;
}
