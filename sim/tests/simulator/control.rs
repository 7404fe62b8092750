//! The simulator's own routes, and the JSON of its faults.

use ephemint_sim::{Fault, Recorded, Simulator};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::support::{answer, client, good, start};

fn control(simulator: &Simulator, method: Method, path: &str) -> RequestBuilder {
    client().request(method, format!("http://{}/_sim{path}", simulator.address()))
}

async fn put_fault(simulator: &Simulator, plan: Value) -> StatusCode {
    control(simulator, Method::PUT, "/fault").body(plan.to_string()).send().await.unwrap().status()
}

#[test]
fn a_fault_reads_and_writes_as_documented() {
    let faults = [
        (json!({ "kind": "slow", "millis": 250 }), Fault::Slow { millis: 250 }),
        (json!({ "kind": "unauthorized" }), Fault::Unauthorized),
        (json!({ "kind": "forbidden" }), Fault::Forbidden),
        (json!({ "kind": "rate_limited", "retry_after": 3 }), Fault::RateLimited { retry_after: 3 }),
        (json!({ "kind": "insufficient_quota" }), Fault::InsufficientQuota),
        (json!({ "kind": "server_error" }), Fault::ServerError),
        (json!({ "kind": "unavailable" }), Fault::Unavailable),
        (json!({ "kind": "hang" }), Fault::Hang),
        (json!({ "kind": "reset" }), Fault::Reset),
        (json!({ "kind": "cut" }), Fault::Cut),
        (json!({ "kind": "garbage" }), Fault::Garbage),
        (json!({ "kind": "no_value" }), Fault::NoValue),
        (json!({ "kind": "redirect", "location": "/x" }), Fault::Redirect { location: "/x".into() }),
        (json!({ "kind": "oversized", "bytes": 9 }), Fault::Oversized { bytes: 9 }),
    ];
    for (json, fault) in faults {
        assert_eq!(serde_json::to_value(&fault).unwrap(), json);
        assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), fault);
    }
    let defaults = [
        (json!({ "kind": "rate_limited" }), Fault::RateLimited { retry_after: 20 }),
        (json!({ "kind": "oversized" }), Fault::Oversized { bytes: 10_000_000 }),
    ];
    for (json, fault) in defaults {
        assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), fault);
    }
}

#[tokio::test]
async fn a_fault_is_set_and_cleared_over_http() {
    let simulator = start().await;
    assert_eq!(
        put_fault(&simulator, json!({ "fault": { "kind": "unavailable" } })).await,
        StatusCode::NO_CONTENT
    );
    for _ in 0..3 {
        assert_eq!(answer(good(&simulator)).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    let cleared = control(&simulator, Method::DELETE, "/fault").send().await.unwrap();
    assert_eq!(cleared.status(), StatusCode::NO_CONTENT);
    assert_eq!(answer(good(&simulator)).await.status, StatusCode::OK);

    put_fault(&simulator, json!({ "fault": { "kind": "forbidden" }, "times": 1 })).await;
    assert_eq!(answer(good(&simulator)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(answer(good(&simulator)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused_and_changes_nothing() {
    let simulator = start().await;
    simulator.set_fault(Fault::Forbidden);
    let nonsense = [
        json!({}),
        json!({ "kind": "hang" }),
        json!({ "fault": "hang" }),
        json!({ "fault": { "kind": "explode" } }),
        json!({ "fault": { "kind": "slow" } }),
        json!({ "fault": { "kind": "slow", "millis": 1, "seconds": 1 } }),
        json!({ "fault": { "kind": "hang" }, "count": 1 }),
        json!({ "fault": { "kind": "hang" }, "times": -1 }),
    ];
    for plan in nonsense {
        assert_eq!(put_fault(&simulator, plan.clone()).await, StatusCode::BAD_REQUEST, "{plan}");
    }
    assert_eq!(answer(good(&simulator)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn requests_are_listed_and_forgotten_over_http() {
    let simulator = start().await;
    answer(good(&simulator)).await;
    let listed = answer(control(&simulator, Method::GET, "/requests")).await;

    assert_eq!(listed.body["minted"], 1);
    let requests: Vec<Recorded> = serde_json::from_value(listed.body["requests"].clone()).unwrap();
    assert_eq!(requests, simulator.requests());
    assert_eq!(requests.len(), 1);

    let forgotten = control(&simulator, Method::DELETE, "/requests").send().await.unwrap();
    assert_eq!(forgotten.status(), StatusCode::NO_CONTENT);
    assert_eq!(simulator.requests(), []);
}

#[tokio::test]
async fn control_is_neither_recorded_nor_hit_by_faults() {
    let simulator = start().await;
    simulator.set_fault(Fault::ServerError);
    let listed = answer(control(&simulator, Method::GET, "/requests")).await;

    assert_eq!(listed.status, StatusCode::OK);
    assert_eq!(answer(control(&simulator, Method::GET, "/nothing")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(simulator.requests(), []);
}
