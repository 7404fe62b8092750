//! What the simulator remembers.

use chrono::DateTime;
use ephemint_sim::{Clock, DEMO_API_KEY, Settings, Simulator};
use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{SECRETS, answer, client, good, post, session, start};

#[tokio::test]
async fn a_request_is_recorded_with_all_but_its_key() {
    let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let simulator =
        Simulator::start(Settings { clock: Clock::new(move || at), ..Settings::default() }).await.unwrap();
    let body = session(json!({ "instructions": "Be kind." }));
    let request = post(&simulator, &format!("{SECRETS}?a=b"), &body)
        .header("OpenAI-Organization", "org-1")
        .header("OpenAI-Project", "proj_1")
        .header("OpenAI-Safety-Identifier", "hash-of-a-user")
        .header("X-Extra", "1");
    let answer = answer(request).await;

    let recorded = simulator.last_request().unwrap();
    assert_eq!(recorded.sequence, 0);
    assert_eq!(recorded.at, at);
    assert_eq!(recorded.method, "POST");
    assert_eq!(recorded.path, "/v1/realtime/client_secrets");
    assert_eq!(recorded.query.as_deref(), Some("a=b"));
    assert!(recorded.key_ok);
    assert_eq!(recorded.content_type.as_deref(), Some("application/json"));
    assert_eq!(recorded.organization.as_deref(), Some("org-1"));
    assert_eq!(recorded.project.as_deref(), Some("proj_1"));
    assert_eq!(recorded.safety_identifier.as_deref(), Some("hash-of-a-user"));
    assert!(recorded.header_names.is_sorted());
    for name in ["authorization", "openai-safety-identifier", "x-extra"] {
        assert!(recorded.header_names.iter().any(|it| it == name), "{name}");
    }
    assert_eq!(recorded.body, Some(body));
    assert_eq!(recorded.fault, None);
    assert_eq!(recorded.status, Some(200));
    assert_eq!(answer.headers["x-request-id"].to_str().unwrap(), recorded.request_id);

    let everything = format!("{recorded:?} {}", serde_json::to_string(&recorded).unwrap());
    assert!(!everything.contains(DEMO_API_KEY), "{everything}");
}

#[tokio::test]
async fn refused_requests_are_recorded_too() {
    let simulator = start().await;
    let url = format!("{}{SECRETS}", simulator.base_url());
    answer(client().post(&url).bearer_auth("sk-wrong").body("not JSON")).await;
    answer(client().get(format!("{}/nothing", simulator.base_url()))).await;

    let requests = simulator.requests();
    assert_eq!(requests.iter().map(|it| it.sequence).collect::<Vec<_>>(), [0, 1]);
    let (wrong_key, nowhere) = (&requests[0], &requests[1]);
    assert_eq!((wrong_key.key_ok, wrong_key.status, &wrong_key.body), (false, Some(401), &None));
    assert_eq!(wrong_key.content_type, None);
    assert_eq!((nowhere.method.as_str(), nowhere.path.as_str()), ("GET", "/v1/nothing"));
    assert_eq!((nowhere.key_ok, nowhere.status, &nowhere.query), (false, Some(404), &None));
}

#[tokio::test]
async fn only_the_newest_requests_are_kept() {
    let simulator = Simulator::start(Settings { keep_requests: 3, ..Settings::default() }).await.unwrap();
    for _ in 0..5 {
        answer(good(&simulator)).await;
    }

    let requests = simulator.requests();
    assert_eq!(requests.iter().map(|it| it.sequence).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(requests.iter().all(|it| it.status == Some(200)));

    let forgetful = Simulator::start(Settings { keep_requests: 0, ..Settings::default() }).await.unwrap();
    assert_eq!(answer(good(&forgetful)).await.status, StatusCode::OK);
    assert_eq!(forgetful.requests(), []);
}

#[tokio::test]
async fn forgetting_requests_goes_on_counting() {
    let simulator = start().await;
    answer(good(&simulator)).await;
    simulator.clear();
    assert_eq!(simulator.requests(), []);
    assert_eq!(simulator.last_request(), None);
    assert_eq!(simulator.minted(), 1);

    answer(good(&simulator)).await;
    let recorded = simulator.last_request().unwrap();
    assert_eq!((recorded.sequence, recorded.status), (1, Some(200)));
    assert_eq!(simulator.minted(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mints_are_counted_exactly_under_concurrency() {
    let simulator = Simulator::start(Settings { workers: 2, ..Settings::default() }).await.unwrap();
    let url = format!("{}{SECRETS}", simulator.base_url());
    let client = client();
    let mut tasks = JoinSet::new();
    for number in 0..300 {
        // Every third is refused.
        let fields = if number % 3 == 0 { json!({ "voice": "alloy" }) } else { json!({}) };
        tasks.spawn(client.post(&url).bearer_auth(DEMO_API_KEY).json(&session(fields)).send());
    }
    let answers = tasks.join_all().await;
    let minted = answers.into_iter().filter(|it| it.as_ref().unwrap().status() == StatusCode::OK).count();

    assert_eq!(minted, 200);
    assert_eq!(simulator.minted(), 200);
    let requests = simulator.requests();
    assert_eq!(requests.len(), 300);
    assert_eq!(requests.iter().filter(|it| it.status == Some(200)).count(), 200);
    assert!(requests.iter().map(|it| it.sequence).eq(0..300));
}
