//! Servers beside a call.

use std::time::Duration;

use ephemint_sim::{DEMO_API_KEY, Settings, Simulator, Standing};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::{
    browser::{Browser, Call},
    calls::{CALLS, by_key, connected, hang_up},
    socket::{End, Refused, Socket},
    support::start,
};

async fn attempt(simulator: &Simulator, call: &Call, token: &str) -> Result<Socket, Refused> {
    let bearer = format!("Bearer {token}");
    let query = format!("?call_id={}", call.id);
    Socket::try_open(simulator, &query, &[("authorization", &bearer)]).await
}

/// Tries again as long as the call is not found, as clients have to.
async fn attach(simulator: &Simulator, call: &Call, token: &str) -> Socket {
    let attached = async {
        loop {
            match attempt(simulator, call, token).await {
                Ok(socket) => return socket,
                Err(refused) => {
                    assert_eq!((refused.status, refused.code.as_str()), (404, "call_id_not_found"))
                }
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), attached).await.unwrap()
}

async fn call(simulator: &Simulator) -> (Browser, Call) {
    let session = json!({ "type": "realtime" });
    let (mut browser, call) = Browser::call(|sdp| by_key(simulator, CALLS, &session, sdp)).await;
    browser.event("session.created").await;
    (browser, call)
}

#[tokio::test]
async fn a_sideband_is_not_there_at_once_and_silent_at_first() {
    let settings = Settings { sideband_after: Duration::from_secs(3_600), ..Settings::default() };
    let late = Simulator::start(settings).await.unwrap();
    let (_browser, begun) = call(&late).await;
    let refused = attempt(&late, &begun, DEMO_API_KEY).await.err().unwrap();
    assert_eq!((refused.status, refused.code.as_str()), (404, "call_id_not_found"));

    let simulator = start().await;
    let (_browser, begun) = call(&simulator).await;
    attach(&simulator, &begun, DEMO_API_KEY).await.has_been_silent().await;
}

#[tokio::test]
async fn browser_and_sideband_are_peers() {
    let simulator = start().await;
    let (mut browser, begun) = call(&simulator).await;
    let mut sideband = attach(&simulator, &begun, DEMO_API_KEY).await;
    sideband.has_been_silent().await;
    browser.event("session.updated").await;

    browser.send(&json!({ "type": "response.create" }));
    browser.event("response.done").await;
    let done = sideband.until("response.done").await;
    assert_eq!(done, browser.event("response.done").await);
    let sound = |event: &serde_json::Value| event["type"] == "response.output_audio.delta";
    assert!(!browser.events.iter().any(sound), "sound does not travel on the data channel");

    sideband.send(json!({ "type": "response.create" })).await;
    sideband.until("response.output_audio.delta").await;
    sideband.send(json!({ "type": "response.create" })).await;
    let error = sideband.until("error").await;
    assert_eq!(error["error"]["code"], "conversation_already_has_active_response");
    sideband.until("response.done").await;
    browser
        .until(|browser| browser.events.iter().filter(|event| event["type"] == "response.done").count() == 2)
        .await;
    assert!(!browser.events.iter().any(|event| event["type"] == "error"), "an error is for whom it concerns");
}

#[tokio::test]
async fn only_the_credential_that_made_the_call_attaches() {
    let settings = Settings { sideband_after: Duration::ZERO, ..Settings::default() };
    let simulator = Simulator::start(settings).await.unwrap();
    simulator.put_account("ana", "sk-ana", Standing::Good);
    let (_by_key, keyed) = call(&simulator).await;
    let (_by_secret, secret_call, secret) = connected(&simulator).await;

    for (call, token, is_found) in [
        (&keyed, DEMO_API_KEY, true),
        (&keyed, "sk-ana", false),
        (&keyed, secret.as_str(), false),
        (&secret_call, secret.as_str(), true),
        (&secret_call, DEMO_API_KEY, false),
    ] {
        match attempt(&simulator, call, token).await {
            Ok(_) => assert!(is_found, "{} {token}", call.id),
            Err(refused) => {
                assert!(!is_found, "{} {token} {refused:?}", call.id);
                assert_eq!((refused.status, refused.code.as_str()), (404, "call_id_not_found"));
            }
        }
    }
}

#[tokio::test]
async fn a_call_outlives_its_sideband_and_a_sideband_ends_with_its_call() {
    let simulator = start().await;
    let (mut browser, begun) = call(&simulator).await;
    let sideband = attach(&simulator, &begun, DEMO_API_KEY).await;
    sideband.close().await;
    browser.send(&json!({ "type": "response.create" }));
    browser.event("response.done").await;

    let mut sideband = attach(&simulator, &begun, DEMO_API_KEY).await;
    sideband.has_been_silent().await;
    assert_eq!(hang_up(&simulator, &begun.id, DEMO_API_KEY).send().await.unwrap().status(), 200);
    assert_eq!(sideband.end().await, End::Closed(1000));
    browser.until(|browser| browser.closed || browser.channel_closed).await;
    assert!(attempt(&simulator, &begun, DEMO_API_KEY).await.is_err());
}

#[tokio::test]
async fn a_sideband_is_told_when_the_session_has_lived_its_life() {
    let settings = Settings {
        session_life: Duration::from_secs(1),
        sideband_after: Duration::ZERO,
        ..Settings::default()
    };
    let simulator = Simulator::start(settings).await.unwrap();
    let (_browser, begun) = call(&simulator).await;
    let mut sideband = attach(&simulator, &begun, DEMO_API_KEY).await;
    assert_eq!(sideband.until("error").await["error"]["code"], "session_expired");
    assert_eq!(sideband.end().await, End::Closed(1001));
}
