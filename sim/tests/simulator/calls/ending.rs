//! How a call ends.

use std::time::Duration;

use ephemint_sim::{DEMO_API_KEY, Settings, Simulator, Standing};
use reqwest::{Method, StatusCode, multipart::Form};
use serde_json::json;

use super::{CALLS, by_secret, connected, form, hang_up, offer_part, secret, session_part};
use crate::{
    browser::{Browser, Call},
    support::{SECRETS, answer, client, start},
};

#[tokio::test]
async fn hanging_up_closes_the_connection_at_once() {
    let simulator = start().await;
    let (mut browser, call, secret) = connected(&simulator).await;
    let hung_up = hang_up(&simulator, &call.id, &secret).send().await.unwrap();

    assert_eq!(hung_up.status(), StatusCode::OK);
    assert_eq!(hung_up.text().await.unwrap(), "");
    browser.until(|browser| browser.closed).await;
    assert_eq!(simulator.calls(), []);

    let again = answer(hang_up(&simulator, &call.id, &secret)).await;
    assert_eq!((again.status, again.error("code")), (StatusCode::NOT_FOUND, &json!("call_id_not_found")));
}

#[tokio::test]
async fn only_the_credential_that_began_a_call_hangs_it_up() {
    let simulator = start().await;
    simulator.put_account("ana", "sk-ana", Standing::Good);
    let (_browser, call, right) = connected(&simulator).await;
    let other = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    for token in [DEMO_API_KEY, "sk-ana", &other] {
        let refused = answer(hang_up(&simulator, &call.id, token)).await;
        assert_eq!(
            (refused.status, refused.error("code")),
            (StatusCode::NOT_FOUND, &json!("call_id_not_found"))
        );
    }
    assert_eq!(answer(hang_up(&simulator, &call.id, "ek_unknown")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(simulator.calls().len(), 1);
    assert_eq!(hang_up(&simulator, &call.id, &right).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn an_account_hangs_up_its_own_calls_only_with_any_of_its_keys() {
    let simulator = start().await;
    simulator.put_account("ana", "sk-ana", Standing::Good);
    simulator.put_account("ana", "sk-ana-2", Standing::Good);
    let (_, offer) = Browser::offer().await;
    let parts = Form::new()
        .part("sdp", offer_part(offer))
        .part("session", session_part(&json!({ "type": "realtime" })));
    let call = Call::of(&form(&simulator, CALLS, "sk-ana", parts).send().await.unwrap());

    let refused = answer(hang_up(&simulator, &call.id, DEMO_API_KEY)).await;
    assert_eq!((refused.status, refused.error("code")), (StatusCode::NOT_FOUND, &json!("call_id_not_found")));
    let hung_up = hang_up(&simulator, &call.id, "sk-ana-2").send().await.unwrap();
    assert_eq!(hung_up.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_browser_that_closes_ends_its_call() {
    let simulator = start().await;
    let (browser, call, secret) = connected(&simulator).await;
    browser.close().await;

    eventually(|| simulator.calls().is_empty()).await;
    assert_eq!(answer(hang_up(&simulator, &call.id, &secret)).await.status, StatusCode::NOT_FOUND);
}

/// Takes the 15 seconds after which an agent that only answers takes the other for gone.
#[tokio::test]
async fn a_browser_that_vanishes_does_not_end_its_call() {
    let simulator = start().await;
    let (browser, call, secret) = connected(&simulator).await;
    drop(browser);

    eventually(|| simulator.calls().iter().all(|call| !call.connected)).await;
    let calls = simulator.calls();
    assert_eq!((calls.len(), calls[0].id.as_str(), calls[0].peers), (1, call.id.as_str(), 0));
    assert_eq!(hang_up(&simulator, &call.id, &secret).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_with_its_longest_life() {
    let settings = Settings { session_life: Duration::from_millis(700), ..Settings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    let (mut browser, _, _) = connected(&simulator).await;
    browser.until(|browser| browser.closed).await;

    assert_eq!(browser.events.last().unwrap()["error"]["code"], "session_expired");
    assert_eq!(simulator.calls(), []);
}

#[tokio::test]
async fn a_provider_that_goes_says_nothing() {
    let simulator = start().await;
    let (mut browser, _, _) = connected(&simulator).await;
    assert_eq!(simulator.drop_calls(), 1);
    assert_eq!(simulator.calls(), []);
    browser.live(Duration::from_millis(300)).await;

    assert!(!browser.closed && !browser.channel_closed);
    assert_eq!(simulator.drop_calls(), 0);
}

#[tokio::test]
async fn calls_are_listed_dropped_and_ended_over_http() {
    let simulator = start().await;
    let control = |method, path: String| {
        client().request(method, format!("http://{}/_sim/calls{path}", simulator.address()))
    };
    let (mut ended, one, _) = connected(&simulator).await;
    let (mut dropped, two, _) = connected(&simulator).await;
    let listed = answer(control(Method::GET, String::new())).await;
    assert_eq!(listed.body["calls"], serde_json::to_value(simulator.calls()).unwrap());
    assert_eq!(listed.body["calls"].as_array().unwrap().len(), 2);

    let end = control(Method::POST, format!("/{}/end", one.id)).send().await.unwrap();
    assert_eq!(end.status(), StatusCode::NO_CONTENT);
    ended.until(|browser| browser.closed).await;
    let drop = control(Method::DELETE, format!("/{}", two.id)).send().await.unwrap();
    assert_eq!(drop.status(), StatusCode::NO_CONTENT);
    dropped.live(Duration::from_millis(100)).await;
    assert!(!dropped.closed);

    for path in ["/rtc_none/end", "/rtc_none"] {
        let method = if path.ends_with("end") { Method::POST } else { Method::DELETE };
        assert_eq!(answer(control(method, path.into())).await.status, StatusCode::NOT_FOUND);
    }
    let all = control(Method::DELETE, String::new()).send().await.unwrap();
    assert_eq!((all.status(), simulator.calls()), (StatusCode::NO_CONTENT, vec![]));
}

#[tokio::test]
async fn a_simulator_that_stops_takes_its_calls_along() {
    let simulator = start().await;
    let secret = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let (_, offer) = Browser::offer().await;
    let response = by_secret(&simulator, CALLS, &secret, offer).send().await.unwrap();
    let answer = response.text().await.unwrap();
    let candidate = answer.lines().find(|line| line.starts_with("a=candidate:")).unwrap();
    let port: u16 = candidate.split(' ').nth(5).unwrap().parse().unwrap();
    let bind = || std::net::UdpSocket::bind(("127.0.0.1", port));
    assert!(bind().is_err());
    simulator.stop().await;

    eventually(|| bind().is_ok()).await;
}

async fn eventually(condition: impl Fn() -> bool) {
    let waited = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waited).await.unwrap();
}
