//! How a call begins.

use ephemint_sim::{DEMO_API_KEY, Settings, Simulator, Standing};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{CALLS, TRANSLATION_CALLS, by_key, by_secret, connected, form, offer_part, secret};
use crate::{
    browser::{Browser, Call},
    support::{SECRETS, TRANSLATION_SECRETS, start},
};

#[tokio::test]
async fn a_client_secret_opens_the_session_it_was_minted_for() {
    let simulator = start().await;
    let session = json!({ "type": "realtime", "instructions": "Be kind.", "audio": { "output": { "voice": "marin" } } });
    let secret = secret(&simulator, SECRETS, &session).await;
    let (mut browser, call) = Browser::call(|sdp| by_secret(&simulator, CALLS, &secret, sdp)).await;

    let created = browser.event("session.created").await;
    assert_eq!(created["session"]["instructions"], "Be kind.");
    assert_eq!(created["session"]["audio"]["output"]["voice"], "marin");
    assert_eq!(created["session"]["model"], "gpt-realtime-2.1-2026-07-08");
    assert_eq!(call.location, format!("/v1/realtime/calls/{}", call.id));
    assert!(call.id.starts_with("rtc_"), "{}", call.id);

    let calls = simulator.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].id.as_str(), calls[0].account.as_str()), (call.id.as_str(), "default"));
    assert_eq!((calls[0].peers, calls[0].connected), (1, true));
}

#[tokio::test]
async fn an_api_key_opens_the_session_it_names() {
    let simulator = start().await;
    simulator.put_account("ana", "sk-ana", Standing::Good);
    let session = json!({ "type": "realtime", "instructions": "Sé amable." });
    let parts = |sdp| Form::new().part("sdp", offer_part(sdp)).part("session", super::session_part(&session));
    let (mut browser, _) = Browser::call(|sdp| form(&simulator, CALLS, "sk-ana", parts(sdp))).await;

    assert_eq!(browser.event("session.created").await["session"]["instructions"], "Sé amable.");
    assert_eq!(simulator.calls()[0].account, "ana");
}

/// `FormData` with strings says nothing of types.
#[tokio::test]
async fn parts_need_no_content_type_and_may_come_in_any_order() {
    let simulator = start().await;
    let session = json!({ "type": "realtime", "instructions": "Long. ".repeat(30_000) });
    let parts =
        |sdp| Form::new().part("session", Part::text(session.to_string())).part("sdp", Part::text(sdp));
    let (mut browser, _) = Browser::call(|sdp| form(&simulator, CALLS, DEMO_API_KEY, parts(sdp))).await;

    assert_eq!(browser.event("session.created").await["session"]["instructions"], session["instructions"]);
}

#[tokio::test]
async fn transcriptions_and_translations_have_calls_too() {
    let simulator = start().await;
    let transcription = json!({ "type": "transcription" });
    let translation =
        json!({ "model": "gpt-realtime-translate", "audio": { "output": { "language": "es" } } });
    for (minting, calls, session, kind) in [
        (SECRETS, CALLS, transcription, "transcription"),
        (TRANSLATION_SECRETS, TRANSLATION_CALLS, translation, "translation"),
    ] {
        let secret = secret(&simulator, minting, &session).await;
        let opened = [
            Browser::call(|sdp| by_secret(&simulator, calls, &secret, sdp)).await,
            Browser::call(|sdp| by_key(&simulator, calls, &session, sdp)).await,
        ];
        for (mut browser, call) in opened {
            assert_eq!(browser.event("session.created").await["session"]["type"], kind);
            assert_eq!(call.location, format!("/v1{calls}/{}", call.id));
        }
    }
}

#[tokio::test]
async fn a_secret_opens_as_many_calls_as_wanted_each_a_session_of_its_own() {
    let simulator = start().await;
    let (mut one, first, secret) = connected(&simulator).await;
    let (mut two, second) = Browser::call(|sdp| by_secret(&simulator, CALLS, &secret, sdp)).await;

    let id = |event: &Value| event["session"]["id"].as_str().unwrap().to_owned();
    let ids = [id(&one.event("session.created").await), id(&two.event("session.created").await)];
    assert!(ids.iter().all(|id| id.starts_with("sess_")), "{ids:?}");
    assert_ne!(ids[0], ids[1]);
    assert_ne!(first.id, second.id);
    assert_eq!(simulator.calls().len(), 2);
}

#[tokio::test]
async fn sound_goes_where_the_request_came_in_or_where_it_was_told_to() {
    let everywhere = Settings { bind: "0.0.0.0:0".parse().unwrap(), ..Settings::default() };
    // An address that the machine does not have, or has no more, is no reason not to use the other.
    let given = |address: &str| Settings { media_address: address.parse().ok(), ..Settings::default() };
    let cases: [(Settings, &[&str]); 5] = [
        (Settings::default(), &["127.0.0.1"]),
        (everywhere, &["127.0.0.1"]),
        (given("127.0.0.2"), &["127.0.0.1", "127.0.0.2"]),
        (given("127.0.0.1"), &["127.0.0.1"]),
        (given("198.51.100.1"), &["127.0.0.1"]),
    ];
    for (settings, addresses) in cases {
        let simulator = Simulator::start(settings).await.unwrap();
        let (_, offer) = Browser::offer().await;
        let response = by_key(&simulator, CALLS, &json!({ "type": "realtime" }), offer).send().await.unwrap();
        let call = Call::of(&response);
        let answer = response.text().await.unwrap();

        let candidates = answer.lines().filter_map(|line| line.strip_prefix("a=candidate:"));
        let mut places: Vec<&str> = candidates.map(|it| it.split(' ').nth(4).unwrap()).collect();
        places.sort_unstable();
        assert_eq!(places, addresses, "{answer}");
        assert!(answer.contains("a=ice-lite"), "{answer}");
        assert_eq!(simulator.calls()[0].id, call.id);
    }
}

#[tokio::test]
async fn a_call_is_reached_at_a_given_address_alone() {
    let given = Settings { media_address: "127.0.0.2".parse().ok(), ..Settings::default() };
    let simulator = Simulator::start(given).await.unwrap();
    let secret = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let (mut browser, offer) = Browser::offer().await;
    let answer = by_secret(&simulator, CALLS, &secret, offer).send().await.unwrap().text().await.unwrap();
    let other = |line: &&str| !(line.starts_with("a=candidate:") && line.contains(" 127.0.0.1 "));
    browser.accept(&answer.split_inclusive("\r\n").filter(other).collect::<String>());

    browser.event("session.created").await;
}

#[tokio::test]
async fn an_offer_is_measured_and_never_kept() {
    let simulator = start().await;
    let (_, offer) = Browser::offer().await;
    let mark = offer.lines().find(|line| line.starts_with("a=ice-pwd:")).unwrap().to_owned();
    let secret = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    by_secret(&simulator, CALLS, &secret, offer.clone()).send().await.unwrap();
    let alone = simulator.last_request().unwrap();
    by_key(&simulator, CALLS, &json!({ "type": "realtime" }), offer.clone()).send().await.unwrap();
    let formed = simulator.last_request().unwrap();

    assert_eq!((alone.content_type.as_deref(), alone.body_bytes), (Some("application/sdp"), offer.len()));
    assert_eq!((alone.key_ok, alone.secret_ok, alone.account.as_deref()), (false, true, Some("default")));
    assert!(formed.content_type.unwrap().starts_with("multipart/form-data; boundary="));
    assert!(formed.body_bytes > offer.len());
    assert_eq!((formed.key_ok, formed.secret_ok), (true, false));
    let everything = format!("{:?}", simulator.requests());
    assert!(!everything.contains(&mark) && !everything.contains(&secret), "{everything}");
}
