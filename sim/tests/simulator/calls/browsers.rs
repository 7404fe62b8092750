//! What a page of another origin may do.

use ephemint_sim::Fault;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{CALLS, TRANSLATION_CALLS, by_secret, secret};
use crate::{
    browser::Browser,
    support::{SECRETS, client, start},
};

#[tokio::test]
async fn a_page_may_ask_with_the_headers_of_the_sdk() {
    let simulator = start().await;
    simulator.set_fault(Fault::Unavailable);
    for path in [CALLS, TRANSLATION_CALLS] {
        let url = format!("{}{path}", simulator.base_url());
        let preflight = |headers: &str| {
            client()
                .request(Method::OPTIONS, &url)
                .header("origin", "https://page.example")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", headers)
                .send()
        };
        let allowed = preflight("authorization,content-type,x-openai-agents-sdk").await.unwrap();
        assert_eq!(allowed.status(), StatusCode::OK);
        assert_eq!(allowed.headers()["access-control-allow-origin"], "*");
        let headers = allowed.headers()["access-control-allow-headers"].to_str().unwrap().to_lowercase();
        for name in ["authorization", "content-type", "x-openai-agents-sdk"] {
            assert!(headers.contains(name), "{headers}");
        }
        let refused = preflight("authorization,x-unheard-of").await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(simulator.requests(), [], "asking is neither recorded nor hit by faults");
}

#[tokio::test]
async fn a_page_can_read_the_location_and_what_went_wrong() {
    let simulator = start().await;
    let secret = secret(&simulator, SECRETS, &json!({ "type": "realtime" })).await;
    let (_, offer) = Browser::offer().await;
    let send = || {
        by_secret(&simulator, CALLS, &secret, offer.clone()).header("origin", "https://page.example").send()
    };
    let good = send().await.unwrap();
    simulator.set_fault(Fault::RateLimited { retry_after: 3 });
    let bad = send().await.unwrap();

    assert_eq!((good.status(), bad.status()), (StatusCode::CREATED, StatusCode::TOO_MANY_REQUESTS));
    for answer in [good, bad] {
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap().to_lowercase();
        assert!(exposed.contains("location"), "{exposed}");
    }
}
