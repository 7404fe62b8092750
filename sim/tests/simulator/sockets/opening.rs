//! What a socket opens to, and with what.

use std::time::Duration;

use ephemint_sim::{DEMO_API_KEY, Fault, Standing};
use reqwest::StatusCode;
use serde_json::json;
use tokio::{task::yield_now, time::timeout};

use crate::{
    calls::secret,
    socket::{End, Refused, Socket},
    support::{SECRETS, TRANSLATION_SECRETS, answer, client, start},
};

const BEARER: (&str, &str) = ("authorization", "Bearer sk-sim-demo");

fn told(refused: &Refused) -> (u16, &str, Option<&str>) {
    (refused.status, &refused.code, refused.param.as_deref())
}

#[tokio::test]
async fn a_key_opens_the_model_that_is_asked_for() {
    let simulator = start().await;
    let mut socket = Socket::open(&simulator, "?model=gpt-realtime-2.1-mini", DEMO_API_KEY).await;
    let created = socket.event().await;
    assert_eq!(created["type"], "session.created");
    assert_eq!(created["session"]["model"], "gpt-realtime-2.1-mini-2026-07-08");
    assert_eq!(created["session"]["type"], "realtime");
    let lasts = created["session"]["expires_at"].as_i64().unwrap() - simulator.calls()[0].since.timestamp();
    assert_eq!(lasts, 3_600);

    let calls = simulator.calls();
    assert_eq!(created["session"]["id"], calls[0].id);
    assert_eq!((calls.len(), calls[0].account.as_str(), calls[0].peers), (1, "default", 1));
    let request = simulator.last_request().unwrap();
    assert_eq!((request.status, request.key_ok), (Some(101), true));
}

#[tokio::test]
async fn a_secret_opens_the_session_it_was_minted_for_with_the_model_of_the_query() {
    let simulator = start().await;
    let session = json!({ "type": "realtime", "instructions": "Be kind.", "model": "gpt-realtime-2.1-mini" });
    let secret = secret(&simulator, SECRETS, &session).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut socket = Socket::open(&simulator, "?model=gpt-realtime-2.1", &secret).await;
        let created = socket.event().await;
        assert_eq!(created["session"]["instructions"], "Be kind.");
        assert_eq!(created["session"]["model"], "gpt-realtime-2.1-2026-07-08");
        ids.push(created["session"]["id"].clone());
    }
    assert_ne!(ids[0], ids[1], "every use of a secret is a session of its own");
}

#[tokio::test]
async fn a_browser_brings_its_secret_in_a_subprotocol_and_gets_another_one_back() {
    let simulator = start().await;
    let secret = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let protocols = format!("realtime, openai-insecure-api-key.{secret}, openai-agents-sdk.0.20.0");
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let mut socket = Socket::try_open(&simulator, "?model=gpt-realtime-2.1", &headers).await.unwrap();

    assert_eq!(socket.protocol.as_deref(), Some("realtime"));
    assert_eq!(socket.event().await["type"], "session.created");
    let request = simulator.last_request().unwrap();
    assert!(request.secret_ok);
    assert!(!format!("{request:?}").contains(&secret), "the secret is not recorded");
}

#[tokio::test]
async fn transcriptions_are_an_intent() {
    let simulator = start().await;
    let mut socket = Socket::open(&simulator, "?intent=transcription", DEMO_API_KEY).await;
    assert_eq!(socket.event().await["session"]["object"], "realtime.transcription_session");
    let secret = secret(&simulator, SECRETS, &json!({ "type": "transcription" })).await;
    let mut socket = Socket::open(&simulator, "?intent=transcription", &secret).await;
    assert_eq!(socket.event().await["session"]["type"], "transcription");
}

#[tokio::test]
async fn queries_have_to_ask_for_one_thing() {
    let simulator = start().await;
    for (query, expected) in [
        ("", (400, "missing_required_parameter", Some("model"))),
        ("?voice=marin", (400, "missing_required_parameter", Some("model"))),
        ("?model=gpt-realtime-2.1&intent=transcription", (400, "invalid_value", Some("model"))),
        ("?model=gpt-realtime-2.1&call_id=rtc_x", (400, "invalid_value", Some("model"))),
        ("?model=gpt-realtime-2.1&model=gpt-realtime-2", (400, "invalid_value", Some("model"))),
        ("?intent=conversation", (400, "invalid_value", Some("intent"))),
        ("?model=gpt-9", (400, "model_not_found", Some("model"))),
        ("?model=gpt-live-transcribe", (400, "invalid_value", Some("model"))),
        ("?call_id=rtc_x", (404, "call_id_not_found", None)),
    ] {
        let refused = Socket::try_open(&simulator, query, &[BEARER]).await.err().unwrap();
        assert_eq!(told(&refused), expected, "{query}");
    }
    assert!(simulator.calls().is_empty());
}

#[tokio::test]
async fn tokens_open_what_they_are_for() {
    let simulator = start().await;
    simulator.put_account("poor", "sk-poor", Standing::NoQuota);
    simulator.put_account("small", "sk-small", Standing::NoRealtime);
    simulator.put_account("gone", "sk-gone", Standing::Revoked);
    let transcription = secret(&simulator, SECRETS, &json!({ "type": "transcription" })).await;
    let translation = json!({ "model": "gpt-realtime-translate" });
    let translation = secret(&simulator, TRANSLATION_SECRETS, &translation).await;
    for (token, expected) in [
        ("sk-wrong", (401, "invalid_api_key")),
        ("ek_wrong", (401, "invalid_api_key")),
        ("sk-gone", (401, "invalid_api_key")),
        ("sk-poor", (429, "insufficient_quota")),
        ("sk-small", (403, "insufficient_permissions")),
        (transcription.as_str(), (400, "invalid_value")),
        (translation.as_str(), (400, "invalid_value")),
    ] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let refused = Socket::try_open(&simulator, "?model=gpt-realtime-2.1", &headers).await.err().unwrap();
        assert_eq!((refused.status, refused.code.as_str()), expected, "{token}");
    }
    let refused = Socket::try_open(&simulator, "?model=gpt-realtime-2.1", &[]).await.err().unwrap();
    assert_eq!(told(&refused), (401, "invalid_api_key", None));
}

#[tokio::test]
async fn the_beta_is_refused() {
    let simulator = start().await;
    for beta in [
        ("openai-beta", "realtime=v1"),
        ("sec-websocket-protocol", "realtime, openai-insecure-api-key.sk-sim-demo, openai-beta.realtime-v1"),
    ] {
        let refused =
            Socket::try_open(&simulator, "?model=gpt-realtime-2.1", &[BEARER, beta]).await.err().unwrap();
        assert_eq!(told(&refused), (400, "beta_api_shape_disabled", None), "{beta:?}");
    }
}

#[tokio::test]
async fn a_plain_request_is_told_to_upgrade() {
    let simulator = start().await;
    let url = format!("{}/realtime?model=gpt-realtime-2.1", simulator.base_url());
    let answer = answer(client().get(url).bearer_auth(DEMO_API_KEY)).await;
    assert_eq!(answer.status, StatusCode::UPGRADE_REQUIRED);
    assert_eq!(answer.error("code"), "upgrade_required");
}

#[tokio::test]
async fn a_session_ends_with_its_socket_and_a_socket_with_its_session() {
    let simulator = start().await;
    let mut socket = Socket::open(&simulator, "?model=gpt-realtime-2.1", DEMO_API_KEY).await;
    socket.event().await;
    let id = simulator.calls()[0].id.clone();
    assert!(simulator.end_call(&id));
    assert_eq!(socket.end().await, End::Closed(1000));

    let mut socket = Socket::open(&simulator, "?model=gpt-realtime-2.1", DEMO_API_KEY).await;
    socket.event().await;
    assert_eq!(simulator.drop_calls(), 1);
    assert_eq!(socket.end().await, End::Dropped);

    let mut socket = Socket::open(&simulator, "?model=gpt-realtime-2.1", DEMO_API_KEY).await;
    socket.event().await;
    socket.close().await;
    let gone = async {
        while !simulator.calls().is_empty() {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), gone).await.unwrap();

    let mut socket = Socket::open(&simulator, "?model=gpt-realtime-2.1", DEMO_API_KEY).await;
    socket.event().await;
    simulator.stop().await;
    assert_eq!(socket.end().await, End::Dropped);
}

#[tokio::test]
async fn a_fault_hits_a_socket_like_any_request() {
    let simulator = start().await;
    simulator.fail_next(1, Fault::RateLimited { retry_after: 3 });
    let refused = Socket::try_open(&simulator, "?model=gpt-realtime-2.1", &[BEARER]).await.err().unwrap();
    assert_eq!(told(&refused), (429, "rate_limit_exceeded", None));
    Socket::open(&simulator, "?model=gpt-realtime-2.1", DEMO_API_KEY).await.event().await;
}
