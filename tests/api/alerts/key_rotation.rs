//! Keys that are older than the settings want them.

use chrono::TimeDelta;
use ephemint::kernel::ids::AlertId;
use ephemint::kernel::provider_name::ProviderName;
use ephemint::store::{Act, Action, Actor, KeyState, Origin, SealedKey};

use super::{Bench, StoreKind, over_both_stores, raised, user_called};

over_both_stores!(old_keys_are_told_of_once_a_day, what_seals_no_more_is_not_due);

const RULE: &str = "alerts = [{ name = 'old', kind = 'key_rotation_due' }]";

impl Bench {
    /// A user enters a key, under this sealing key.
    async fn enter_key(&self, user: &str, sealing_key: &str) {
        let user = user_called(user);
        let key = SealedKey {
            provider: ProviderName::OPENAI,
            sealed: b"sealed".to_vec(),
            sealing_key: sealing_key.to_owned(),
            mask: "…abcd".to_owned(),
            state: KeyState::Valid,
        };
        let origin = Origin { actor: Actor::Service, address: None, request_id: None };
        let act = Act::done(self.now(), origin, Action::PutKey, Some(user.clone()));
        self.store.put_provider_key(&user.key, &key, &act).await.unwrap();
    }

    async fn newest_summary(&self) -> String {
        self.store.alerts(AlertId::LAST, 1).await.unwrap().remove(0).summary
    }
}

async fn old_keys_are_told_of_once_a_day(kind: StoreKind) {
    let bench = Bench::new(kind, RULE).await;
    bench.enter_key("ana", "now").await;
    bench.enter_key("bea", "now").await;
    bench.pass(TimeDelta::days(7) - TimeDelta::milliseconds(1));
    assert_eq!(bench.look().await, []);
    bench.enter_key("bea", "now").await;
    bench.pass(TimeDelta::milliseconds(1));
    let one = [raised("old", "", 1.0)];
    assert_eq!(bench.look().await, one, "bea's is a new one");
    let summary = bench.newest_summary().await;
    let said = "1 of users' keys were entered more than 7 days ago (PROVIDER_KEY_ROTATION_DAYS)";
    assert_eq!(summary, format!("It is time for other keys: {said}."));
    bench.go_to("2026-11-27T23:59:00Z");
    assert_eq!(bench.look().await, one, "once a day");
    // Ana mends it in time for the next day.
    bench.enter_key("ana", "now").await;
    bench.go_to("2026-11-28T00:01:00Z");
    assert_eq!(bench.look().await, one);
    bench.go_to("2026-12-04T12:00:00Z");
    assert_eq!(bench.look().await[1..], [raised("old", "", 1.0)], "bea's is old now");
}

async fn what_seals_no_more_is_not_due(kind: StoreKind) {
    let bench = Bench::new(kind, RULE).await;
    bench.enter_key("ana", "before").await;
    bench.pass(TimeDelta::days(1));
    bench.enter_key("bea", "now").await;
    bench.pass(TimeDelta::days(89));
    bench.enter_key("ana", "now").await;
    bench.enter_key("cleo", "before").await;
    assert_eq!(bench.look().await, [raised("old", "", 1.0)], "the sealing key of before seals no more");
    bench.pass(TimeDelta::days(1));
    assert_eq!(bench.look().await[1..], [raised("old", "", 2.0)]);
    let summary = bench.newest_summary().await;
    assert!(summary.ends_with("; the sealing key has sealed for 90 days (KEY_ROTATION_DAYS)."), "{summary}");
}
