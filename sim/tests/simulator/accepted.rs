//! What has to be accepted.

use ephemint_sim::DEMO_API_KEY;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{SECRETS, TRANSLATION_SECRETS, answer, client, post, rows, session, start};

#[tokio::test]
async fn accepts_every_part_of_a_conversation() {
    all_accepted(SECRETS, include_str!("cases/accepted/conversation.txt")).await;
}

#[tokio::test]
async fn accepts_every_kind_of_audio() {
    all_accepted(SECRETS, include_str!("cases/accepted/audio.txt")).await;
}

#[tokio::test]
async fn accepts_every_kind_of_tool() {
    all_accepted(SECRETS, include_str!("cases/accepted/tools.txt")).await;
}

#[tokio::test]
async fn accepts_transcriptions() {
    all_accepted(SECRETS, include_str!("cases/accepted/transcription.txt")).await;
}

#[tokio::test]
async fn accepts_translations() {
    all_accepted(TRANSLATION_SECRETS, include_str!("cases/accepted/translation.txt")).await;
}

#[tokio::test]
async fn accepts_a_content_type_with_parameters() {
    let simulator = start().await;
    // `json` keeps a content type that is there already.
    let request = client()
        .post(format!("{}{SECRETS}", simulator.base_url()))
        .bearer_auth(DEMO_API_KEY)
        .header("content-type", "Application/JSON; charset=utf-8")
        .json(&session(json!({})));

    assert_eq!(answer(request).await.status, StatusCode::OK);
}

/// Sends each row as a body.
async fn all_accepted(path: &str, cases: &str) {
    let simulator = start().await;
    let mut refused = Vec::new();
    for row in rows(cases) {
        let answer = answer(post(&simulator, path, &serde_json::from_str(row).unwrap())).await;
        if answer.status != StatusCode::OK {
            refused.push(format!("{row}\n    got {} {}", answer.status, answer.body));
        }
    }
    assert!(refused.is_empty(), "refused:\n{}", refused.join("\n"));
    assert_eq!(simulator.minted(), rows(cases).count() as u64);
}
