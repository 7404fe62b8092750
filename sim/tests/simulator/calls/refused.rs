//! What no call begins with.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta};
use ephemint_sim::{Clock, DEMO_API_KEY, Settings, Simulator, Standing};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{
    CALLS, TRANSLATION_CALLS, by_key, by_secret, connected, form, offer_part, secret, session_part, typed,
};
use crate::{
    browser::Browser,
    support::{Answer, SECRETS, TRANSLATION_SECRETS, answer, start},
};

fn assert_error(answer: &Answer, status: u16, code: &str, param: impl Into<Value>) {
    assert_eq!((answer.status.as_u16(), answer.error("code")), (status, &json!(code)), "{answer:?}");
    assert_eq!(answer.error("param"), &param.into(), "{answer:?}");
    assert!(answer.error("message").is_string());
}

#[tokio::test]
async fn offers_that_cannot_be_answered() {
    let simulator = start().await;
    let secret = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let (_, offer) = Browser::offer().await;
    let without = |media: &str| {
        let parts: Vec<&str> = offer.split("m=").filter(|part| !part.starts_with(media)).collect();
        parts.join("m=")
    };
    let truncated = offer.split("a=fingerprint").next().unwrap().to_owned();
    let offers = [
        "".into(),
        "nonsense".into(),
        "v=0\r\nnonsense".into(),
        without("audio"),
        without("application"),
        truncated,
    ];
    for offer in offers {
        let refused = answer(by_secret(&simulator, CALLS, &secret, offer)).await;
        assert_error(&refused, 400, "invalid_offer", "sdp");
    }
    assert_eq!(simulator.calls(), []);
}

#[tokio::test]
async fn requests_of_the_wrong_form() {
    let simulator = start().await;
    let secret = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let (_, offer) = Browser::offer().await;
    let session = json!({ "type": "realtime" });
    let alone = |token: &str| by_secret(&simulator, CALLS, token, offer.clone());
    let parts = |token: &str, parts: Form| form(&simulator, CALLS, token, parts);
    let sdp = || Form::new().part("sdp", offer_part(offer.clone()));
    let cases = [
        (
            typed(&simulator, CALLS, &secret, "text/plain", offer.clone()),
            400,
            "unsupported_content_type",
            Value::Null,
        ),
        (
            by_secret(&simulator, "/realtime/calls?model=gpt-realtime-2.1", &secret, offer.clone()),
            400,
            "unknown_parameter",
            json!("model"),
        ),
        (alone(&secret).header("OpenAI-Beta", "realtime=v1"), 400, "beta_api_shape_disabled", Value::Null),
        (alone(DEMO_API_KEY), 400, "missing_required_parameter", json!("session")),
        (parts(&secret, sdp()), 400, "unknown_parameter", json!("session")),
        (
            parts(&secret, sdp().part("session", session_part(&session))),
            400,
            "unknown_parameter",
            json!("session"),
        ),
        (parts(DEMO_API_KEY, sdp()), 400, "missing_required_parameter", json!("session.type")),
        (
            parts(DEMO_API_KEY, Form::new().part("session", session_part(&session))),
            400,
            "missing_required_parameter",
            json!("sdp"),
        ),
        (parts(DEMO_API_KEY, sdp().part("model", Part::text("x"))), 400, "unknown_parameter", json!("model")),
        (parts(DEMO_API_KEY, sdp().part("session", Part::text("{"))), 400, "invalid_json", Value::Null),
        (
            parts(DEMO_API_KEY, sdp().part("session", offer_part("{}".into()))),
            400,
            "unsupported_content_type",
            json!("session"),
        ),
        (
            typed(&simulator, CALLS, DEMO_API_KEY, "multipart/form-data", "--x".into()),
            400,
            "invalid_form",
            Value::Null,
        ),
    ];
    for (request, status, code, param) in cases {
        assert_error(&answer(request).await, status, code, param);
    }
    assert_eq!(simulator.calls(), []);
}

#[tokio::test]
async fn sessions_that_no_mint_would_take() {
    let simulator = start().await;
    let (_, offer) = Browser::offer().await;
    let by_key = |path, session: Value| by_key(&simulator, path, &session, offer.clone());
    let cases = [
        (
            by_key(CALLS, json!({ "type": "realtime", "voice": "marin" })),
            "unknown_parameter",
            "session.voice",
        ),
        (by_key(CALLS, json!({ "model": "gpt-realtime-2.1" })), "missing_required_parameter", "session.type"),
        (
            by_key(CALLS, json!({ "type": "realtime", "model": "no-such" })),
            "model_not_found",
            "session.model",
        ),
        (by_key(TRANSLATION_CALLS, json!({ "type": "realtime" })), "unknown_parameter", "session.type"),
    ];
    for (request, code, param) in cases {
        assert_error(&answer(request).await, 400, code, param);
    }
}

#[tokio::test]
async fn secrets_of_the_other_kind() {
    let simulator = start().await;
    let (_, offer) = Browser::offer().await;
    let conversation = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let translation =
        json!({ "model": "gpt-realtime-translate", "audio": { "output": { "language": "es" } } });
    let translation = secret(&simulator, TRANSLATION_SECRETS, &translation).await;
    for (path, secret) in [(CALLS, translation), (TRANSLATION_CALLS, conversation)] {
        assert_error(
            &answer(by_secret(&simulator, path, &secret, offer.clone())).await,
            400,
            "invalid_value",
            Value::Null,
        );
    }
}

#[tokio::test]
async fn credentials_that_open_nothing() {
    let simulator = start().await;
    let (_, offer) = Browser::offer().await;
    for token in ["ek_unknown", "sk-wrong", ""] {
        assert_error(
            &answer(by_secret(&simulator, CALLS, token, offer.clone())).await,
            401,
            "invalid_api_key",
            Value::Null,
        );
    }
    let standings = [
        (Standing::Revoked, 401, "invalid_api_key"),
        (Standing::NoQuota, 429, "insufficient_quota"),
        (Standing::NoRealtime, 403, "insufficient_permissions"),
    ];
    for (standing, status, code) in standings {
        simulator.put_account("ana", "sk-ana", standing);
        let parts = Form::new()
            .part("sdp", offer_part(offer.clone()))
            .part("session", session_part(&json!({ "type": "realtime" })));
        assert_error(&answer(form(&simulator, CALLS, "sk-ana", parts)).await, status, code, Value::Null);
    }
    assert_eq!(simulator.calls(), []);
}

#[tokio::test]
async fn a_secret_that_has_expired_opens_nothing_new_and_ends_nothing_old() {
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let start = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let clock = Clock::new(move || start + TimeDelta::seconds(clock.load(Ordering::Relaxed)));
    let simulator = Simulator::start(Settings { clock, ..Settings::default() }).await.unwrap();
    let (mut browser, call, secret) = connected(&simulator).await;

    now.store(599, Ordering::Relaxed);
    let (_, _) = Browser::call(|sdp| by_secret(&simulator, CALLS, &secret, sdp)).await;
    now.store(600, Ordering::Relaxed);
    let (_, offer) = Browser::offer().await;
    let refused = answer(by_secret(&simulator, CALLS, &secret, offer)).await;
    assert_error(&refused, 401, "invalid_api_key", Value::Null);

    browser.live(std::time::Duration::from_millis(100)).await;
    assert!(!browser.closed && simulator.calls().iter().any(|it| it.id == call.id && it.connected));
}
