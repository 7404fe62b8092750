//! Many calls at once.

use serde_json::json;
use tokio::task::JoinSet;

use super::{CALLS, by_key, connected};
use crate::{
    browser::{Browser, Call},
    support::start,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_calls_go_on_at_once() {
    let simulator = start().await;
    let (_, offer) = Browser::offer().await;
    let session = json!({ "type": "realtime" });
    let mut openings = JoinSet::new();
    for _ in 0..300 {
        openings.spawn(by_key(&simulator, CALLS, &session, offer.clone()).send());
    }
    let mut ids: Vec<String> =
        openings.join_all().await.into_iter().map(|answer| Call::of(&answer.unwrap()).id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 300);
    assert_eq!(simulator.calls().len(), 300);

    // One that talks is not kept waiting by those that do not.
    connected(&simulator).await;
    assert_eq!(simulator.drop_calls(), 301);
}

#[tokio::test]
async fn each_hears_its_own() {
    let simulator = start().await;
    let (mut one, _, _) = connected(&simulator).await;
    let (mut two, _, _) = connected(&simulator).await;
    let created = [one.event("session.created").await, two.event("session.created").await];

    assert_ne!(created[0]["session"]["id"], created[1]["session"]["id"]);
    assert_eq!((one.events.len(), two.events.len()), (1, 1));
}
