//! Each kind of rule, in windows of a clock that is set.

use chrono::TimeDelta;
use ephemint::store::Outcome::{Issued, Refunded, Unconfirmed};

use super::{Bench, StoreKind, over_both_stores, raised};

over_both_stores!(
    rapid_minting_is_raised_once_for_a_user_and_window,
    the_end_of_a_window_is_looked_at_once_more,
    the_error_rate_is_of_mints_that_have_ended,
    refusals_over_a_number,
    refusals_over_the_mean_of_past_days,
    unlike_their_own_past,
    unlike_everybody,
    old_alerts_are_forgotten,
);

async fn rapid_minting_is_raised_once_for_a_user_and_window(kind: StoreKind) {
    let bench =
        Bench::new(kind, "alerts = [{ name = 'fast', kind = 'rapid_minting', over = 2, window = 30 }]").await;
    bench.mint("ana", 2, Issued).await;
    bench.mint("bea", 3, Refunded).await;
    assert_eq!(bench.look().await, [raised("fast", "bea", 3.0)], "two are not over two");
    bench.mint("ana", 1, Issued).await;
    bench.mint("bea", 1, Issued).await;
    let two = [raised("fast", "ana", 3.0), raised("fast", "bea", 3.0)];
    assert_eq!(bench.look().await, two, "bea was told of in this window");
    bench.pass(TimeDelta::minutes(41));
    assert_eq!(bench.look().await, two, "what was in a window that is over is not in this one");
    bench.mint("bea", 3, Issued).await;
    let three = [raised("fast", "ana", 3.0), raised("fast", "bea", 3.0), raised("fast", "bea", 3.0)];
    assert_eq!(bench.look().await, three, "armed again");
    assert_eq!(bench.look().await, three);
}

async fn the_end_of_a_window_is_looked_at_once_more(kind: StoreKind) {
    let bench =
        Bench::new(kind, "alerts = [{ name = 'fast', kind = 'rapid_minting', over = 2, window = 30 }]").await;
    bench.go_to("2026-11-20T12:29:59Z");
    bench.mint("ana", 3, Issued).await;
    bench.go_to("2026-11-20T12:30:20Z");
    assert_eq!(bench.look().await, [raised("fast", "ana", 3.0)]);
    let row = bench.store.alerts(ephemint::kernel::ids::AlertId::LAST, 1).await.unwrap().remove(0);
    assert_eq!(row.window_start.to_rfc3339(), "2026-11-20T12:00:00+00:00");
    assert_eq!(row.window_end.to_rfc3339(), "2026-11-20T12:30:00+00:00");
    assert_eq!(row.raised_at, bench.now());
    assert_eq!((row.kind.as_str(), row.delivery.as_str(), row.threshold), ("rapid_minting", "none", 2.0));
    assert_eq!(row.summary, "One user minted 3 times, which is over 2.");
}

async fn the_error_rate_is_of_mints_that_have_ended(kind: StoreKind) {
    let rule = "alerts = [{ name = 'failing', kind = 'error_rate', over = 0.4, at_least = 5, window = 15 }]";
    let bench = Bench::new(kind, rule).await;
    bench.mint("ana", 2, Refunded).await;
    assert_eq!(bench.look().await, [], "two are too few");
    bench.mint("ana", 3, Issued).await;
    assert_eq!(bench.look().await, [], "0.4 is not over 0.4");
    bench.mint("ana", 1, Unconfirmed).await;
    assert_eq!(bench.look().await, [raised("failing", "", 0.5)]);
    bench.pass(TimeDelta::minutes(30));
    bench.mint("ana", 5, Issued).await;
    assert_eq!(bench.look().await.len(), 1);
}

async fn refusals_over_a_number(kind: StoreKind) {
    let bench =
        Bench::new(kind, "alerts = [{ name = 'no', kind = 'refusals', over = 100, window = 60 }]").await;
    bench.refuse(100).await;
    assert_eq!(bench.look().await, []);
    bench.refuse(1).await;
    assert_eq!(bench.look().await, [raised("no", "", 101.0)]);
    bench.pass(TimeDelta::hours(1));
    assert_eq!(bench.look().await.len(), 1);
}

async fn refusals_over_the_mean_of_past_days(kind: StoreKind) {
    let rule = "alerts = [{ name = 'no', kind = 'refusals', times = 3, at_least = 20, window = 60 }]";
    let bench = Bench::new(kind, rule).await;
    // A mean of 10, with a day on which nobody was refused; what is outside the window counts for nothing.
    for (day, count) in [(14, 20), (15, 10), (16, 10), (17, 10), (18, 10), (19, 10)] {
        bench.go_to(&format!("2026-11-{day}T12:30:00Z"));
        bench.refuse(count).await;
        bench.go_to(&format!("2026-11-{day}T13:00:00Z"));
        bench.refuse(1000).await;
        bench.roll_up().await;
    }
    bench.go_to("2026-11-20T12:20:00Z");
    bench.refuse(30).await;
    assert_eq!(bench.look().await, [], "30 are not over three times 10");
    bench.refuse(1).await;
    assert_eq!(bench.look().await, [raised("no", "", 31.0)]);
    // Here the mean is nothing, and the floor holds.
    bench.go_to("2026-11-20T15:20:00Z");
    bench.refuse(19).await;
    assert_eq!(bench.look().await.len(), 1);
    bench.refuse(1).await;
    assert_eq!(bench.look().await[1..], [raised("no", "", 20.0)]);
}

/// Ana has 4 tokens a day and 10 once, bea had none before; both have many today.
async fn weeks_of_use(bench: &Bench) {
    bench.go_to("2026-10-20T12:00:00Z");
    bench.mint("ana", 500, Issued).await;
    for day in 1..20 {
        bench.go_to(&format!("2026-11-{day:02}T12:00:00Z"));
        bench.mint("ana", 4, Issued).await;
        bench.mint("ana", 30, Refunded).await;
        bench.roll_up().await;
    }
    bench.go_to("2026-11-20T12:00:00Z");
    bench.roll_up().await;
}

async fn unlike_their_own_past(kind: StoreKind) {
    let rule = "alerts = [{ name = 'unlike', kind = 'unusual_use', times = 2, at_least = 7 }]";
    let bench = Bench::new(kind, rule).await;
    weeks_of_use(&bench).await;
    bench.mint("bea", 50, Issued).await;
    bench.mint("ana", 8, Issued).await;
    assert_eq!(bench.look().await, [], "8 are not more than twice 4, and bea has no past");
    bench.mint("ana", 1, Unconfirmed).await;
    assert_eq!(bench.look().await, [raised("unlike", "ana", 9.0)]);
    bench.pass(TimeDelta::hours(2));
    bench.roll_up().await;
    bench.mint("ana", 1, Issued).await;
    assert_eq!(bench.look().await.len(), 1, "once a day");
}

async fn unlike_everybody(kind: StoreKind) {
    let rule =
        "alerts = [{ name = 'unlike', kind = 'unusual_use', times = 2, of = 'everybody', at_least = 9 }]";
    let bench = Bench::new(kind, rule).await;
    bench.mint("bea", 50, Issued).await;
    assert_eq!(bench.look().await, [], "nothing is usual yet");
    bench.go_to("2026-12-20T12:00:00Z");
    for day in 21..30 {
        bench.go_to(&format!("2026-12-{day}T12:00:00Z"));
        bench.mint("ana", 4, Issued).await;
        bench.roll_up().await;
    }
    bench.go_to("2026-12-30T12:00:00Z");
    bench.roll_up().await;
    bench.mint("bea", 8, Issued).await;
    bench.mint("ana", 9, Issued).await;
    assert_eq!(bench.look().await, [raised("unlike", "ana", 9.0)]);
}

async fn old_alerts_are_forgotten(kind: StoreKind) {
    let bench =
        Bench::new(kind, "alerts = [{ name = 'fast', kind = 'rapid_minting', over = 2, window = 30 }]").await;
    bench.mint("ana", 3, Issued).await;
    assert_eq!(bench.look().await.len(), 1);
    bench.pass(TimeDelta::days(31));
    assert_eq!(bench.look().await.len(), 1);
    bench.pass(TimeDelta::seconds(1));
    assert_eq!(bench.look().await, []);
}
