//! Several keys, each of an account, and what they are worth.

use ephemint_sim::{DEFAULT_ACCOUNT, DEMO_API_KEY, Standing};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{SECRETS, answer, client, session, start};

#[tokio::test]
async fn each_key_gets_what_it_is_worth() {
    let simulator = start().await;
    for (name, standing) in [
        ("good", Standing::Good),
        ("gone", Standing::Revoked),
        ("poor", Standing::NoQuota),
        ("mute", Standing::NoRealtime),
    ] {
        simulator.put_account(name, &format!("sk-{name}"), standing);
    }
    for (key, minting, code, looking) in [
        ("sk-good", 200, Value::Null, 200),
        ("sk-gone", 401, json!("invalid_api_key"), 401),
        ("sk-poor", 429, json!("insufficient_quota"), 200),
        ("sk-mute", 403, json!("insufficient_permissions"), 200),
        ("sk-none", 401, json!("invalid_api_key"), 401),
        (DEMO_API_KEY, 200, Value::Null, 200),
    ] {
        let url = |path: &str| format!("{}{path}", simulator.base_url());
        let minted = answer(client().post(url(SECRETS)).bearer_auth(key).json(&session(json!({})))).await;
        assert_eq!((minted.status.as_u16(), minted.error("code")), (minting, &code), "{key}");
        let looked = answer(client().get(url("/models")).bearer_auth(key)).await;
        assert_eq!(looked.status.as_u16(), looking, "{key}");
    }
    let seen: Vec<_> = simulator.requests().into_iter().map(|asked| (asked.account, asked.key_ok)).collect();
    let named = |name: &str, ok| [(Some(name.to_owned()), ok), (Some(name.to_owned()), ok)];
    let expected = [
        named("good", true),
        named("gone", false),
        named("poor", true),
        named("mute", true),
        [(None, false), (None, false)],
        named(DEFAULT_ACCOUNT, true),
    ];
    assert_eq!(seen, expected.concat());
    assert_eq!(simulator.minted(), 2);
}

#[tokio::test]
async fn accounts_are_told_over_http() {
    let simulator = start().await;
    let url = format!("http://{}/_sim/accounts", simulator.address());
    let put = async |body: Value| client().put(&url).body(body.to_string()).send().await.unwrap().status();
    let mint = async || {
        let request = client().post(format!("{}{SECRETS}", simulator.base_url())).bearer_auth("sk-ana");
        answer(request.json(&session(json!({})))).await.status
    };
    assert_eq!(put(json!({ "name": "ana", "key": "sk-ana" })).await, StatusCode::NO_CONTENT);
    assert_eq!(mint().await, StatusCode::OK);
    let changed = json!({ "name": "ana", "key": "sk-ana", "standing": "no_quota" });
    assert_eq!(put(changed).await, StatusCode::NO_CONTENT);
    assert_eq!(mint().await, StatusCode::TOO_MANY_REQUESTS);
    for nonsense in [json!({ "name": "ana" }), json!({ "name": "a", "key": "k", "standing": "rich" })] {
        assert_eq!(put(nonsense).await, StatusCode::BAD_REQUEST);
    }
}
