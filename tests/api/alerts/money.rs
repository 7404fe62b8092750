//! What was spent against the budget, and alerts of that.

use chrono::TimeDelta;
use ephemint::store::Outcome::{Issued, Refunded, Unconfirmed};
use ephemint_test_support::{Person, Setup, TestApp, on_both_stores, send};
use reqwest::Method;
use serde_json::json;

use super::{Bench, StoreKind, over_both_stores, raised};

over_both_stores!(an_amount_an_hour, a_share_of_the_budget_of_a_day_in_its_zone, a_month_of_money);

async fn an_amount_an_hour(kind: StoreKind) {
    let bench = Bench::new(kind, "alerts = [{ name = 'dear', kind = 'cost', per = 'hour', over = 2 }]").await;
    bench.mint("ana", 4, Issued).await;
    bench.mint("ana", 9, Refunded).await;
    assert_eq!(bench.look().await, [], "four cost 2.00");
    bench.mint("ana", 1, Unconfirmed).await;
    assert_eq!(bench.look().await, [raised("dear", "", 2.5)]);
    let row = bench.store.alerts(ephemint::kernel::ids::AlertId::LAST, 1).await.unwrap().remove(0);
    assert_eq!(row.summary, "This hour has cost 2.50 EUR by estimate, which is over 2.00 EUR.");
    bench.pass(TimeDelta::hours(1));
    bench.mint("ana", 5, Issued).await;
    assert_eq!(bench.look().await.len(), 2, "armed again");
}

async fn a_share_of_the_budget_of_a_day_in_its_zone(kind: StoreKind) {
    let rules = "
        budget = { day = 5, tz = 'Europe/Madrid' }
        alerts = [{ name = 'most-of-it', kind = 'cost', per = 'day', share_of_budget = 0.8 }]
    ";
    let bench = Bench::new(kind, rules).await;
    bench.go_to("2026-11-20T22:55:00Z");
    bench.mint("ana", 8, Issued).await;
    assert_eq!(bench.look().await, [], "0.8 of 5.00 are spent, and no more");
    // Midnight in Madrid, and not in UTC.
    bench.go_to("2026-11-20T23:05:00Z");
    bench.mint("ana", 8, Issued).await;
    assert_eq!(bench.look().await, []);
    bench.mint("ana", 1, Issued).await;
    assert_eq!(bench.look().await, [raised("most-of-it", "", 4.5)]);
    bench.go_to("2026-11-21T22:59:00Z");
    assert_eq!(bench.look().await.len(), 1);
    bench.go_to("2026-11-21T23:01:00Z");
    bench.mint("ana", 9, Issued).await;
    assert_eq!(bench.look().await.len(), 2, "the next day");
}

async fn a_month_of_money(kind: StoreKind) {
    let bench =
        Bench::new(kind, "alerts = [{ name = 'dear', kind = 'cost', per = 'month', over = 2 }]").await;
    bench.go_to("2026-11-02T00:00:00Z");
    bench.mint("ana", 3, Issued).await;
    bench.roll_up().await;
    bench.go_to("2026-11-29T12:00:00Z");
    bench.roll_up().await;
    bench.mint("ana", 2, Issued).await;
    assert_eq!(bench.look().await, [raised("dear", "", 2.5)], "rolled up or not");
    bench.go_to("2026-12-01T00:20:00Z");
    bench.mint("ana", 4, Issued).await;
    assert_eq!(bench.look().await.len(), 1);
}

const POLICY: &str = "
    defaults.default_role = 'r'
    defaults.instructions.en = 'Speak.'
    defaults.allowed_models = ['gpt-realtime-2.1']
    roles.r.hourly_tokens = 10
    prices = { currency = 'EUR', models = { 'gpt-realtime-2.1-mini' = { minutes = 5, per_minute = 0.05 } } }
    budget = { month = 12.5, tz = 'Asia/Kathmandu' }
";

on_both_stores!(what_is_spent_of_the_budget, Setup::policy(POLICY).with_operator(), read_the_budget);

async fn read_the_budget(app: &TestApp) {
    let ana = Person::new("ana");
    for _ in 0..5 {
        assert_eq!(app.mint(&ana, json!({})).await.status, 200);
    }
    assert_eq!(app.mint(&ana, json!({"session": {"model": "gpt-realtime-2.1"}})).await.status, 200);
    app.expect_outcomes(&["issued"; 6]).await;
    let budget = send(app.admin(Method::GET, "/v1/admin/budget")).await.json();
    let spans = json!([
        {
            "per": "day", "from": "2026-11-20T00:00:00+05:45", "to": "2026-11-21T00:00:00+05:45",
            "amount": null, "spent": "1.250000", "unpriced_tokens": 1,
        },
        {
            "per": "month", "from": "2026-11-01T00:00:00+05:45", "to": "2026-12-01T00:00:00+05:45",
            "amount": "12.500000", "spent": "1.250000", "unpriced_tokens": 1,
        },
    ]);
    assert_eq!(budget, json!({"currency": "EUR", "estimate": true, "tz": "Asia/Kathmandu", "spans": spans}));
    app.advance(12 * 3600);
    let budget = send(app.admin(Method::GET, "/v1/admin/budget?tz=UTC")).await.json();
    let spent: Vec<_> = budget["spans"].as_array().unwrap().iter().map(|span| &span["spent"]).collect();
    assert_eq!(spent, ["0.000000", "1.250000"], "another day of the same month");
    assert_eq!(budget["spans"][0]["from"], "2026-11-21T00:00:00Z");
    for (query, param) in [("?tz=Mars", "tz"), ("?zone=UTC", "")] {
        let answer = send(app.admin(Method::GET, &format!("/v1/admin/budget{query}"))).await;
        assert_eq!(answer.error(), (400, "invalid_request".to_owned(), param.to_owned()), "{query}");
    }
}

on_both_stores!(without_prices_nothing_is_known, Setup::default().with_operator(), read_without_prices);

async fn read_without_prices(app: &TestApp) {
    assert_eq!(app.mint(&Person::new("ana"), json!({})).await.status, 200);
    app.expect_outcomes(&["issued"]).await;
    let budget = send(app.admin(Method::GET, "/v1/admin/budget")).await.json();
    assert_eq!(budget["currency"], json!(null));
    assert_eq!(budget["spans"][1]["unpriced_tokens"], 1);
    assert_eq!((&budget["spans"][1]["spent"], &budget["tz"]), (&json!("0.000000"), &json!("UTC")));
}
