//! Rows: what is written, what is settled, what is read.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::MintId;
use ephemint::store::reports::{QUARTER, RolledUp};
use ephemint::store::{Batch, Outcome, Refusal, Settlement, Spent, Standing};

use super::{Fixture, StoreError, StoreKind, ask, over_both_stores, settlement, user};

over_both_stores!(
    the_row_is_there_before_the_provider_is_asked,
    outcomes_are_written_once,
    a_refund_after_giving_up_still_gives_back,
    what_stays_pending_becomes_unconfirmed,
    closed_quarters_say_where_pending_mints_are,
    a_user_who_stands_otherwise_spends_nothing,
    disabled_users_spend_nothing,
    refusals_are_counted_by_user_code_and_minute,
    usage_tells_only_of_the_user,
    a_poisoned_value_is_told_from_a_broken_database,
    the_view_has_what_was_handed_out,
);

async fn outcomes(fixture: &Fixture) -> Vec<String> {
    fixture.database.texts("SELECT outcome FROM mints ORDER BY created_at, id").await
}

async fn the_row_is_there_before_the_provider_is_asked(fixture: Fixture) {
    let (_, spent) = fixture.spend(&user("ana"), 10).await;
    assert!(matches!(spent, Spent::Granted(_)));
    assert_eq!(outcomes(&fixture).await, ["pending"]);
    assert_eq!(fixture.database.texts("SELECT user_id FROM mints").await, ["ana"]);
}

async fn outcomes_are_written_once(fixture: Fixture) {
    let ana = user("ana");
    let (id, _) = fixture.spend(&ana, 10).await;
    let expires_at = Some(fixture.now() + TimeDelta::seconds(60));
    let issued = Settlement { expires_at, ..settlement(id, Outcome::Issued) };
    fixture.store.turn(&Batch { asks: Vec::new(), settlements: vec![issued] }).await.unwrap();
    fixture.settle(id, Outcome::Refunded).await;
    fixture.settle(id, Outcome::Unconfirmed).await;
    assert_eq!(outcomes(&fixture).await, ["issued"]);
    assert_eq!(
        fixture.database.texts("SELECT latency_ms FROM mints WHERE expires_at IS NOT NULL").await,
        ["12"]
    );
    assert_eq!(fixture.store.usage(&ana.key, 1).await.unwrap().stamps.len(), 1);
}

async fn a_refund_after_giving_up_still_gives_back(fixture: Fixture) {
    let ana = user("ana");
    let (id, _) = fixture.spend(&ana, 1).await;
    fixture.clock.advance(TimeDelta::seconds(30));
    assert_eq!(fixture.store.give_up(Duration::from_secs(20), MintId::FIRST).await.unwrap(), 1);
    assert!(matches!(fixture.spend(&ana, 1).await.1, Spent::Refused(_)));
    fixture.settle(id, Outcome::Refunded).await;
    assert!(matches!(fixture.spend(&ana, 1).await.1, Spent::Granted(_)));
}

async fn what_stays_pending_becomes_unconfirmed(fixture: Fixture) {
    let ana = user("ana");
    fixture.spend(&ana, 10).await;
    let (issued, _) = fixture.spend(&ana, 10).await;
    fixture.settle(issued, Outcome::Issued).await;
    fixture.clock.advance(TimeDelta::seconds(15));
    let since = MintId::before(fixture.now());
    fixture.spend(&ana, 10).await;
    fixture.clock.advance(TimeDelta::seconds(10));

    let age = Duration::from_secs(20);
    assert_eq!(fixture.store.give_up(age, since).await.unwrap(), 0, "the old one is out of sight");
    assert_eq!(fixture.store.give_up(age, MintId::FIRST).await.unwrap(), 1);
    assert_eq!(outcomes(&fixture).await, ["unconfirmed", "issued", "pending"]);
}

async fn closed_quarters_say_where_pending_mints_are(fixture: Fixture) {
    let ana = user("ana");
    let (issued, _) = fixture.spend(&ana, 10).await;
    fixture.settle(issued, Outcome::Issued).await;
    fixture.clock.advance(TimeDelta::hours(5));
    fixture.spend(&ana, 10).await;
    let left_behind = fixture.now();
    fixture.clock.advance(TimeDelta::hours(5));
    while fixture.store.roll_up().await.unwrap() != RolledUp::Idle {}

    let from = fixture.store.pending_from().await.unwrap();
    assert!(from <= left_behind && left_behind < from + QUARTER, "{from} {left_behind}");
    assert_eq!(fixture.store.give_up(Duration::from_secs(20), MintId::before(from)).await.unwrap(), 1);

    while fixture.store.roll_up().await.unwrap() != RolledUp::Idle {}
    let from = fixture.store.pending_from().await.unwrap();
    assert_eq!(from, fixture.store.rollup_state().await.unwrap().closed_until);
}

async fn a_user_who_stands_otherwise_spends_nothing(fixture: Fixture) {
    let ana = user("ana");
    fixture.database.put_user(&ana, "'teacher'", "'Ana'", false).await;
    let held = Standing { role: Some("teacher".into()), name: Some("Ana".into()), ..Standing::default() };
    assert_eq!(fixture.store.standing(&ana.key).await.unwrap(), held);
    assert_eq!(fixture.spend(&ana, 10).await.1, Spent::Otherwise(held.clone()));
    assert_eq!(outcomes(&fixture).await, [""; 0]);

    // In one batch: one who assumes wrongly, one who assumes rightly, and somebody else.
    let now = fixture.now();
    let mut right = ask(&ana, 10, now);
    right.assumed = held.clone();
    let asks = vec![ask(&ana, 10, now), right, ask(&user("bea"), 10, now)];
    let spent = fixture.store.turn(&Batch { asks, settlements: Vec::new() }).await.unwrap();
    assert_eq!(spent[0], Spent::Otherwise(held));
    assert!(matches!(&spent[1], Spent::Granted(hour) if hour.used == 1), "{spent:?}");
    assert!(matches!(&spent[2], Spent::Granted(hour) if hour.used == 1), "{spent:?}");
}

async fn disabled_users_spend_nothing(fixture: Fixture) {
    let ana = user("ana");
    fixture.database.put_user(&ana, "NULL", "NULL", true).await;
    let held = Standing { disabled: true, ..Standing::default() };
    assert_eq!(fixture.spend(&ana, 10).await.1, Spent::Otherwise(held.clone()));
    // Not even when that is what was assumed.
    let mut knowing = ask(&ana, 10, fixture.now());
    knowing.assumed = held.clone();
    let spent = fixture.store.turn(&Batch { asks: vec![knowing], settlements: Vec::new() }).await.unwrap();
    assert_eq!(spent, [Spent::Otherwise(held)]);
}

fn refusal(name: &str, code: Code, minute: DateTime<Utc>, count: i64) -> Refusal {
    Refusal { user: user(name), code, minute, count }
}

async fn refusals_are_counted_by_user_code_and_minute(fixture: Fixture) {
    let (now, later) = (fixture.now(), fixture.now() + TimeDelta::minutes(1));
    let limit = Code::RateLimitExceeded;
    let first =
        [refusal("bea", limit, now, 2), refusal("ana", limit, now, 1), refusal("ana", limit, later, 1)];
    let second = [refusal("ana", limit, now, 4), refusal("ana", Code::NotAllowed, now, 1)];
    fixture.store.count_refusals(&first).await.unwrap();
    fixture.store.count_refusals(&second).await.unwrap();
    fixture.store.count_refusals(&[]).await.unwrap();
    let counts = "SELECT count FROM refusals ORDER BY user_id, code, minute";
    assert_eq!(fixture.database.texts(counts).await, ["1", "5", "1", "2"]);
}

async fn usage_tells_only_of_the_user(fixture: Fixture) {
    let (ana, bea) = (user("ana"), user("bea"));
    for (days, outcome) in [(31, Outcome::Issued), (2, Outcome::Unconfirmed), (0, Outcome::Issued)] {
        let (id, _) = fixture.spend(&ana, 10).await;
        fixture.settle(id, outcome).await;
        fixture.clock.advance(TimeDelta::days(days) + TimeDelta::minutes(1));
    }
    let (id, _) = fixture.spend(&ana, 10).await;
    fixture.settle(id, Outcome::Refunded).await;
    fixture.spend(&bea, 10).await;

    let usage = fixture.store.usage(&ana.key, 2).await.unwrap();
    assert_eq!(usage.stamps.len(), 1);
    assert_eq!((usage.tokens.last_hour, usage.tokens.last_day, usage.tokens.last_30_days), (1, 1, 2));
    let recent: Vec<_> = usage.recent.iter().map(|mint| mint.outcome.as_str()).collect();
    assert_eq!(recent, ["refunded", "issued"]);
    let nobody = fixture.store.usage(&user("nobody").key, 2).await.unwrap();
    assert_eq!((nobody.stamps.len(), nobody.recent.len(), nobody.tokens.last_30_days), (0, 0, 0));
}

async fn a_poisoned_value_is_told_from_a_broken_database(fixture: Fixture) {
    let ana = user("ana");
    // The same id twice: no honest caller does that, and the database refuses it.
    let twice = ask(&ana, 10, fixture.now());
    let batch = Batch { asks: vec![twice.clone(), twice], settlements: Vec::new() };
    let error = fixture.store.turn(&batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Data { .. }), "{error:?}");
    assert_eq!(outcomes(&fixture).await, [""; 0], "a batch takes effect as a whole or not at all");

    fixture.database.execute("ALTER TABLE mints RENAME TO elsewhere").await;
    let batch = Batch { asks: vec![ask(&ana, 10, fixture.now())], settlements: Vec::new() };
    let error = fixture.store.turn(&batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
}

async fn the_view_has_what_was_handed_out(fixture: Fixture) {
    let ana = user("ana");
    for outcome in [Outcome::Issued, Outcome::Unconfirmed, Outcome::Refunded] {
        let (id, _) = fixture.spend(&ana, 10).await;
        fixture.settle(id, outcome).await;
    }
    fixture.spend(&ana, 10).await;
    let by_day = "SELECT COUNT(*) as token_count, DATE(created_at) as date, role FROM realtime_token_usage
                  GROUP BY DATE(created_at), role ORDER BY date DESC";
    assert_eq!(fixture.database.texts(by_day).await, ["2"]);
    if fixture.database.directory().is_none() {
        operators_queries_run_as_they_stand(&fixture).await;
    }
}

/// The two queries that operators have had for long.
async fn operators_queries_run_as_they_stand(fixture: &Fixture) {
    let by_day = "SELECT DATE(created_at) as date, role, COUNT(*) as token_count FROM realtime_token_usage \
                  GROUP BY DATE(created_at), role ORDER BY date DESC;";
    assert_eq!(fixture.database.texts(by_day).await, [fixture.now().date_naive().to_string()]);
    let by_user = "SELECT user_id, COUNT(*) as session_count, MAX(created_at) as last_session \
                   FROM realtime_token_usage WHERE created_at > NOW() - INTERVAL '7 days' \
                   GROUP BY user_id ORDER BY session_count DESC LIMIT 10;";
    // The test's clock may be further than a week behind the database's.
    assert!(fixture.database.texts(by_user).await.len() <= 1);
}
