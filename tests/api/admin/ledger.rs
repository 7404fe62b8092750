//! The ledger, by pages and filters.

use ephemint_test_support::{Person, TestApp, on_both_stores};
use serde_json::{Value, json};

use super::{all, ana, get, rows, setup};

fn ids(mints: &[Value]) -> Vec<String> {
    mints.iter().map(|mint| mint["id"].as_str().unwrap().to_owned()).collect()
}

on_both_stores!(the_ledger_is_told_as_it_is, setup(), mint_and_read);

async fn mint_and_read(app: &TestApp) {
    app.mint(&ana(), json!({})).await;
    app.expect_outcomes(&["issued"]).await;
    let mint = &rows(app, "/v1/admin/mints", "mints").await[0];
    let mut told = mint.clone();
    for volatile in ["id", "latency_ms"] {
        assert!(!told[volatile].is_null());
        told[volatile] = Value::Null;
    }
    let expected = json!({
        "id": null, "created_at": "2026-11-20T12:00:00.000Z", "issuer": "https://sign-in.example", "user_id": "ana",
        "role": "guest", "language": "en", "session_type": "realtime", "model": "gpt-realtime-2.1-mini",
        "key_source": "operator", "outcome": "issued", "latency_ms": null, "error": null,
    });
    assert_eq!(told, expected);
}

on_both_stores!(filters_leave_the_rest_out, setup(), mint_and_filter);

async fn mint_and_filter(app: &TestApp) {
    let boss = Person::new("boss").as_role("boss");
    for minute in 0..4 {
        let who = if minute % 2 == 0 { boss.clone() } else { ana() };
        app.mint(&who, json!({})).await;
        app.advance(60);
    }
    app.expect_outcomes(&["issued"; 4]).await;
    let everything = ids(&rows(app, "/v1/admin/mints", "mints").await);
    assert_eq!(everything.len(), 4);
    let pick = |places: &[usize]| places.iter().map(|place| everything[*place].clone()).collect::<Vec<_>>();
    for (query, expected) in [
        ("user=boss", pick(&[1, 3])),
        ("user=boss&issuer=https://sign-in.example", pick(&[1, 3])),
        ("user=nobody", vec![]),
        ("role=guest", pick(&[0, 2])),
        ("outcome=issued", pick(&[0, 1, 2, 3])),
        ("outcome=pending", vec![]),
        ("key_source=operator", pick(&[0, 1, 2, 3])),
        ("key_source=user", vec![]),
        ("user=boss&key_source=user", vec![]),
        ("from=2026-11-20T12:01:00Z", pick(&[0, 1, 2])),
        ("from=2026-11-20T13:01:00%2B01:00&to=2026-11-20T12:03:00Z", pick(&[1, 2])),
        ("user=boss&to=2026-11-20T12:02:00Z", pick(&[3])),
    ] {
        assert_eq!(ids(&rows(app, &format!("/v1/admin/mints?{query}"), "mints").await), expected, "{query}");
    }
    for (query, param) in [
        ("outcome=lost", "outcome"),
        ("key_source=mine", "key_source"),
        ("from=yesterday", "from"),
        ("to=2026-11-20", "to"),
        ("from=2026-11-20T12:00:00Z&to=2026-11-20T12:00:00Z", "from"),
        ("issuer=https://sign-in.example", "issuer"),
        ("user=ana&issuer=https://other.example", "issuer"),
        ("user=", "user"),
        ("cursor=1", "cursor"),
        ("order=asc", ""),
    ] {
        let expected = (400, "invalid_request".to_owned(), param.to_owned());
        assert_eq!(get(app, &format!("/v1/admin/mints?{query}")).await.error(), expected, "{query}");
    }
}

on_both_stores!(pages_stay_while_others_mint, setup(), page_under_inserts);

async fn page_under_inserts(app: &TestApp) {
    let boss = Person::new("boss").as_role("boss");
    for _ in 0..7 {
        app.mint(&boss, json!({})).await;
        app.advance(1);
    }
    let everything = ids(&all(app, "/v1/admin/mints?limit=100", "mints").await);
    assert_eq!(everything.len(), 7);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        // Two more come between any two pages.
        for _ in 0..2 {
            app.advance(1);
            app.mint(&boss, json!({})).await;
        }
        let page = get(app, &format!("/v1/admin/mints?user=boss&limit=2{cursor}")).await.json();
        seen.extend(ids(page["mints"].as_array().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        assert!(seen.len() < 20, "the pages have no end");
    }
    // The first page was read after the first two had come.
    assert_eq!(seen[2..], everything);
}
