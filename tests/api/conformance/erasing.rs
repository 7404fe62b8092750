//! Whoever is erased is nowhere any more, and gets no fresh hour by it.

use std::sync::Arc;

use chrono::TimeDelta;
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::ActId;
use ephemint::kernel::user::User;
use ephemint::store::reports::RolledUp;
use ephemint::store::{
    Act, Action, Batch, Decided, Entry, Erased, Erasing, Outcome, OwnLimit, Refusal, Spent,
};

use super::admin::act;
use super::{Fixture, StoreKind, ask, over_both_stores, user};

over_both_stores!(
    nothing_stays_of_an_erased_user,
    erasing_gives_no_fresh_hour,
    what_comes_late_is_erased_too,
    what_comes_after_stays,
    nobody_erases_what_was_decided_about_them,
    others_stay_as_they_are,
    many_mints_are_erased_in_steps,
);

async fn erase(fixture: &Fixture, user: &Arc<User>, how: Erasing) -> Erased {
    let act = Act { action: Action::EraseUser, ..act(fixture, user) };
    fixture.store.erase(user, how, &act).await.unwrap()
}

fn key(user: &User) -> String {
    user.key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Somebody of whom every table has something. Their names are found nowhere else.
async fn somebody(fixture: &Fixture, name: &str) -> Arc<User> {
    let user = Arc::new(User::qualified(&format!("https://{name}.example"), name).unwrap());
    for outcome in [Outcome::Issued, Outcome::Refunded, Outcome::Unconfirmed] {
        let (id, _) = fixture.spend(&user, 10).await;
        fixture.settle(id, outcome).await;
    }
    fixture.clock.advance(TimeDelta::minutes(90));
    while fixture.store.roll_up().await.unwrap() != RolledUp::Idle {}
    fixture.spend(&user, 10).await;
    fixture.spend(&user, 10).await;
    for minutes in [0, 5] {
        let minute = fixture.now() - TimeDelta::minutes(minutes);
        let refusal = Refusal { user: user.clone(), code: Code::NotAllowed, minute, count: 2 };
        fixture.store.count_refusals(&[refusal]).await.unwrap();
    }
    let decided = Decided { name: Some(format!("Display of {name}")), ..Decided::default() };
    fixture.store.put_user(&user, &decided, &act(fixture, &user)).await.unwrap();
    user
}

async fn traces(fixture: &Fixture, name: &str, user: &User) -> Vec<String> {
    let mut found = fixture.database.columns_with(name).await;
    found.extend(fixture.database.columns_with(&key(user)).await);
    found
}

async fn nothing_stays_of_an_erased_user(fixture: Fixture) {
    let ana = somebody(&fixture, "anastasia").await;
    assert!(traces(&fixture, "anastasia", &ana).await.len() > 8, "there is something to find");
    let pseudonym = fixture.store.acts(ActId::LAST, 1).await.unwrap()[0].target.clone().unwrap().pseudonym;
    assert_eq!(erase(&fixture, &ana, Erasing::Whole).await, Erased::Done);
    assert_eq!(fixture.database.columns_with("anastasia").await, [""; 0]);

    // The key stays on what counts, until it does no more.
    fixture.clock.advance(TimeDelta::minutes(59));
    fixture.store.anonymise().await.unwrap();
    assert!(fixture.database.columns_with(&key(&ana)).await.contains(&"mints.user_key".to_owned()));
    fixture.clock.advance(TimeDelta::minutes(3));
    assert_eq!(fixture.store.anonymise().await.unwrap(), 2);
    assert_eq!(traces(&fixture, "anastasia", &ana).await, [""; 0]);
    assert_eq!(fixture.store.anonymise().await.unwrap(), 0);
    while fixture.store.roll_up().await.unwrap() != RolledUp::Idle {}
    fixture.store.anonymise().await.unwrap();
    assert_eq!(traces(&fixture, "anastasia", &ana).await, [""; 0]);
    assert_eq!(fixture.database.texts("SELECT count(DISTINCT user_key) FROM user_days").await, ["1"]);

    // What is left tells of somebody, and of one and the same.
    assert_eq!(fixture.database.texts("SELECT count(*) FROM mints").await, ["5"]);
    assert_eq!(fixture.database.texts("SELECT count(DISTINCT user_key) FROM mints").await, ["1"]);
    assert_eq!(fixture.database.texts("SELECT sum(count) FROM refusals").await, ["4"]);
    let trail = fixture.store.acts(ActId::LAST, 10).await.unwrap();
    for row in trail {
        let target = row.target.unwrap();
        assert_eq!((target.pseudonym, target.name), (pseudonym, None), "{}", row.action);
    }
}

async fn erasing_gives_no_fresh_hour(fixture: Fixture) {
    let ana = user("ana");
    for _ in 0..3 {
        assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Granted(_)));
    }
    for _ in 0..2 {
        erase(&fixture, &ana, Erasing::Own).await;
        fixture.store.anonymise().await.unwrap();
        assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Refused(_)));
    }
    fixture.clock.advance(TimeDelta::milliseconds(3_599_900));
    fixture.store.anonymise().await.unwrap();
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Refused(_)));
    fixture.clock.advance(TimeDelta::milliseconds(200));
    fixture.store.anonymise().await.unwrap();
    assert!(matches!(fixture.spend(&ana, 3).await.1, Spent::Granted(hour) if hour.used == 1));
}

async fn what_comes_late_is_erased_too(fixture: Fixture) {
    let ana = somebody(&fixture, "anastasia").await;
    let granted_before = Entry { ask: Arc::new(ask(&ana, 10, fixture.now())), created_at: fixture.now() };
    let denied_before = act(&fixture, &ana);
    let minute = fixture.now();
    let refused_before = Refusal { user: ana.clone(), code: Code::NotAllowed, minute, count: 1 };
    fixture.clock.advance(TimeDelta::seconds(1));
    erase(&fixture, &ana, Erasing::Whole).await;
    fixture.store.enter(&[granted_before]).await.unwrap();
    fixture.store.record(&[denied_before]).await.unwrap();
    fixture.store.count_refusals(&[refused_before]).await.unwrap();
    fixture.store.anonymise().await.unwrap();
    assert_eq!(fixture.database.columns_with("anastasia").await, [""; 0]);
    assert_eq!(fixture.database.texts("SELECT sum(count) FROM refusals").await, ["5"]);
    fixture.clock.advance(TimeDelta::minutes(62));
    fixture.store.anonymise().await.unwrap();
    assert_eq!(traces(&fixture, "anastasia", &ana).await, [""; 0]);
}

async fn what_comes_after_stays(fixture: Fixture) {
    let ana = somebody(&fixture, "anastasia").await;
    erase(&fixture, &ana, Erasing::Whole).await;
    fixture.clock.advance(TimeDelta::minutes(30));
    fixture.spend(&ana, 10).await;
    fixture.clock.advance(TimeDelta::minutes(40));
    fixture.store.anonymise().await.unwrap();
    assert_eq!(fixture.database.texts("SELECT count(*) FROM erasures").await, ["0"]);
    let named = "SELECT count(*) FROM mints WHERE user_id <> ''";
    assert_eq!(fixture.database.texts(named).await, ["1"]);
    let stamps = fixture.store.usage(&ana.key, 1).await.unwrap().stamps;
    assert_eq!(stamps.len(), 1, "the hour is that of whoever came back");
}

async fn nobody_erases_what_was_decided_about_them(fixture: Fixture) {
    let held = Some(OwnLimit { tokens: 3, until: None });
    for (name, decided, expected) in [
        ("a", Decided { disabled: true, ..Decided::default() }, Erased::Disabled),
        ("b", Decided { role: Some("student".to_owned()), ..Decided::default() }, Erased::Held),
        ("c", Decided { hourly_limit: held, ..Decided::default() }, Erased::Held),
        ("d", Decided { name: Some("Dee".to_owned()), ..Decided::default() }, Erased::Done),
    ] {
        let user = user(name);
        fixture.store.put_user(&user, &decided, &act(&fixture, &user)).await.unwrap();
        assert_eq!(erase(&fixture, &user, Erasing::Own).await, expected, "{name}");
        let stays = fixture.store.user(&user.key).await.unwrap().map(|record| record.decided);
        assert_eq!(stays, (expected != Erased::Done).then_some(decided), "{name}");
        assert_eq!(erase(&fixture, &user, Erasing::Whole).await, Erased::Done);
        assert_eq!(fixture.store.user(&user.key).await.unwrap(), None);
    }
    assert_eq!(fixture.database.texts("SELECT count(*) FROM audit WHERE action = 'erase_user'").await, ["5"]);
}

async fn others_stay_as_they_are(fixture: Fixture) {
    let (ana, bea) = (somebody(&fixture, "anastasia").await, somebody(&fixture, "beatrice").await);
    let before = traces(&fixture, "beatrice", &bea).await;
    let usage = fixture.store.usage(&bea.key, 20).await.unwrap();
    erase(&fixture, &ana, Erasing::Whole).await;
    assert_eq!(traces(&fixture, "beatrice", &bea).await, before);
    assert_eq!(fixture.store.usage(&bea.key, 20).await.unwrap(), usage);
}

async fn many_mints_are_erased_in_steps(fixture: Fixture) {
    let ana = user("anastasia");
    for _ in 0..9 {
        let asks = (0..250).map(|_| ask(&ana, 1000, fixture.now())).collect();
        fixture.store.turn(&Batch { asks, settlements: Vec::new() }).await.unwrap();
        fixture.clock.advance(TimeDelta::minutes(61));
    }
    erase(&fixture, &ana, Erasing::Whole).await;
    assert_eq!(fixture.store.anonymise().await.unwrap(), 1000);
    assert_eq!(fixture.store.anonymise().await.unwrap(), 250);
    assert_eq!(fixture.store.anonymise().await.unwrap(), 0);
    assert_eq!(fixture.database.columns_with("anastasia").await, [""; 0]);
}
