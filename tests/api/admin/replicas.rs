//! What one replica is told holds on all.

use ephemint_sim::{Settings, Simulator};
use ephemint_test_support::{
    ADMIN_TOKEN, MINT, Person, ServiceProcess, StoreKind, TestDatabase, send, settings,
};
use serde_json::{Value, json};

/// Both processes have seen the user before, and assume what they saw.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_on_one_holds_on_the_other_at_once() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    let database = TestDatabase::create(StoreKind::Postgres).await;
    let mut settings = settings(&simulator, &database);
    settings.push(("ADMIN_TOKEN", ADMIN_TOKEN.to_owned()));
    let processes = [0, 1].map(|_| ServiceProcess::start(env!("CARGO_BIN_EXE_ephemint"), &settings));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ana = Person::new("ana");
    let mint = async |at: usize| {
        let url = format!("{}{MINT}", processes[at].base());
        send(http.post(url).bearer_auth(ana.token()).json(&json!({}))).await
    };
    let put = async |decided: Value| {
        let url = format!("{}/v1/admin/users/ana", processes[0].base());
        let answer = send(http.put(url).bearer_auth(ADMIN_TOKEN).json(&decided)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    for _ in 0..3 {
        put(json!({})).await;
        assert_eq!(mint(0).await.status, 200);
        assert_eq!(mint(1).await.status, 200);
        put(json!({"disabled": true})).await;
        for at in [1, 0] {
            assert_eq!(mint(at).await.code(), "user_disabled");
        }
    }
    put(json!({"hourly_limit": 7})).await;
    let seventh = mint(1).await.json();
    assert_eq!(
        (&seventh["rate_limit"]["limit"], &seventh["rate_limit"]["remaining"]),
        (&json!(7), &json!(0))
    );
    assert_eq!(mint(0).await.status, 429);
    for process in processes {
        let (status, output) = process.stop();
        assert!(status.success(), "{output}");
    }
    simulator.stop().await;
}
