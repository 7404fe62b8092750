//! What has to be refused, and with which words.

use ephemint_sim::DEMO_API_KEY;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    Answer, SECRETS, TRANSLATION_SECRETS, answer, client, good, post, rows, session, start,
};

#[tokio::test]
async fn refuses_mistakes_round_the_session() {
    all_refused(SECRETS, include_str!("cases/refused/request.txt")).await;
}

#[tokio::test]
async fn refuses_the_keys_of_the_beta() {
    all_refused(SECRETS, include_str!("cases/refused/beta.txt")).await;
}

#[tokio::test]
async fn refuses_mistakes_in_a_conversation() {
    all_refused(SECRETS, include_str!("cases/refused/conversation.txt")).await;
}

#[tokio::test]
async fn refuses_mistakes_in_audio() {
    all_refused(SECRETS, include_str!("cases/refused/audio.txt")).await;
}

#[tokio::test]
async fn refuses_mistakes_in_turn_detection() {
    all_refused(SECRETS, include_str!("cases/refused/turn_detection.txt")).await;
}

#[tokio::test]
async fn refuses_mistakes_in_tools() {
    all_refused(SECRETS, include_str!("cases/refused/tools.txt")).await;
}

#[tokio::test]
async fn refuses_mistakes_in_transcriptions() {
    all_refused(SECRETS, include_str!("cases/refused/transcription.txt")).await;
}

#[tokio::test]
async fn refuses_mistakes_in_translations() {
    all_refused(TRANSLATION_SECRETS, include_str!("cases/refused/translation.txt")).await;
}

#[tokio::test]
async fn refuses_the_header_of_the_beta() {
    let simulator = start().await;
    for beta in ["realtime=v1", "assistants=v2, realtime=v1"] {
        let answer = answer(good(&simulator).header("OpenAI-Beta", beta)).await;

        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.error("code"), "beta_api_shape_disabled");
    }
    assert_eq!(answer(good(&simulator).header("OpenAI-Beta", "assistants=v2")).await.status, StatusCode::OK);
    assert_eq!(simulator.minted(), 1);
}

#[tokio::test]
async fn refuses_any_other_key_and_does_not_repeat_it() {
    let simulator = start().await;
    let keys =
        ["Bearer sk-sim-wrong", "Bearer sk-sim-demo2", "Bearer", "Basic sk-sim-demo", "sk-sim-demo", ""];
    for key in keys {
        for path in [SECRETS, TRANSLATION_SECRETS] {
            let request = client().post(format!("{}{path}", simulator.base_url()));
            let answer = answer(request.header("authorization", key).json(&session(json!({})))).await;

            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{key}");
            assert_eq!(answer.error("code"), "invalid_api_key");
            assert_eq!(answer.error("type"), "invalid_request_error");
            assert_eq!(answer.error("param"), &Value::Null);
            assert!(!answer.body.to_string().contains("sk-sim"), "{}", answer.body);
        }
    }
    let keyless = client().get(format!("{}/models", simulator.base_url()));
    assert_eq!(answer(keyless).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(simulator.minted(), 0);
}

#[tokio::test]
async fn refuses_what_is_not_json() {
    let simulator = start().await;
    for body in ["", "{", "{\"session\":}", "session=realtime"] {
        let answer = answer(good(&simulator).body(body)).await;

        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.error("code"), "invalid_json");
    }
}

#[tokio::test]
async fn refuses_other_content_types() {
    let simulator = start().await;
    for content_type in ["text/plain", "application/sdp", "application/x-www-form-urlencoded"] {
        // `json` keeps a content type that is there already.
        let request = client()
            .post(format!("{}{SECRETS}", simulator.base_url()))
            .bearer_auth(DEMO_API_KEY)
            .header("content-type", content_type)
            .json(&session(json!({})));
        let answer = answer(request).await;

        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{content_type}");
        assert_eq!(answer.error("code"), "unsupported_content_type");
    }
}

#[tokio::test]
async fn refuses_what_is_too_large() {
    let simulator = start().await;
    let huge = session(json!({ "instructions": "x".repeat(2 << 20) }));
    let answer = answer(post(&simulator, SECRETS, &huge)).await;

    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.error("code"), "request_too_large");
}

#[tokio::test]
async fn refuses_paths_and_methods_it_does_not_have() {
    let simulator = start().await;
    let root = simulator.base_url().trim_end_matches("/v1");
    for path in ["/v1/realtime/sessions", "/v1/realtime/client_secrets/", "/v1", "/", "/_simulator"] {
        let answer = answer(client().post(format!("{root}{path}")).json(&json!({}))).await;

        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.error("code"), "unknown_url", "{path}");
        assert_eq!(answer.error("type"), "invalid_request_error", "{path}");
    }
    let wrong_method = answer(client().get(format!("{root}/v1/realtime/client_secrets"))).await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong_method.error("code"), "method_not_supported");
}

/// Sends the body of each row and looks for the row's code and parameter in the answer.
async fn all_refused(path: &str, cases: &str) {
    let simulator = start().await;
    let mut wrong = Vec::new();
    for row in rows(cases) {
        let (code, rest) = row.split_once(' ').unwrap();
        let (param, body) = rest.trim_start().split_once(' ').unwrap();
        let answer = answer(post(&simulator, path, &serde_json::from_str(body).unwrap())).await;
        if !is_refusal(&answer, code, Some(param).filter(|param| *param != "-")) {
            wrong.push(format!("{row}\n    got {} {}", answer.status, answer.body));
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
    assert_eq!(simulator.minted(), 0);
}

fn is_refusal(answer: &Answer, code: &str, param: Option<&str>) -> bool {
    answer.status == StatusCode::BAD_REQUEST
        && answer.error("code") == code
        && answer.error("param").as_str() == param
        && answer.error("type") == "invalid_request_error"
        && answer.error("message").as_str().is_some_and(|message| message.contains(param.unwrap_or_default()))
}
