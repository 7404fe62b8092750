//! Users, the audit trail and pages, as every store has them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use ephemint::kernel::code::Code;
use ephemint::kernel::ids::ActId;
use ephemint::kernel::user::User;
use ephemint::store::{
    Act, Action, Actor, Decided, MintPage, Origin, Outcome, OwnLimit, StoreError, UserPage,
};

use super::{Fixture, StoreKind, over_both_stores, user};

over_both_stores!(
    what_was_decided_is_read_again,
    users_come_in_the_order_of_their_bytes,
    acts_are_written_once_and_never_changed,
    a_decision_and_its_act_stand_or_fall_together,
    the_ledger_is_read_by_pages,
);

/// Something that is done to this user now.
pub(super) fn act(fixture: &Fixture, target: &Arc<User>) -> Act {
    Act {
        id: ActId::new(fixture.now()),
        at: fixture.now(),
        origin: Origin { actor: Actor::AdminToken, address: None, request_id: None },
        action: Action::PutUser,
        target: Some(target.clone()),
        detail: None,
        refused: None,
        count: 1,
    }
}

async fn what_was_decided_is_read_again(fixture: Fixture) {
    let ana = user("ana");
    assert_eq!(fixture.store.user(&ana.key).await.unwrap(), None);
    let until = Some(fixture.now() + TimeDelta::milliseconds(1234));
    let all = Decided {
        role: Some("teacher".to_owned()),
        name: Some("Ana “A” Núñez".to_owned()),
        disabled: true,
        hourly_limit: Some(OwnLimit { tokens: 1000, until }),
    };
    let first = fixture.store.put_user(&ana, &all, &act(&fixture, &ana)).await.unwrap();
    assert_eq!((&first.user, &first.decided), (&*ana, &all));
    assert_eq!((first.created_at, first.updated_at), (fixture.now(), fixture.now()));
    assert_eq!(fixture.store.user(&ana.key).await.unwrap(), Some(first.clone()));

    fixture.clock.advance(TimeDelta::seconds(1));
    let nothing = Decided::default();
    let second = fixture.store.put_user(&ana, &nothing, &act(&fixture, &ana)).await.unwrap();
    assert_eq!((&second.decided, second.created_at), (&nothing, first.created_at));
    assert_eq!(second.updated_at, fixture.now());
    assert_eq!(fixture.store.user(&ana.key).await.unwrap(), Some(second));
}

async fn users_come_in_the_order_of_their_bytes(fixture: Fixture) {
    let names = ["Z", "a", "a%", "a_b", "ab", "é", "\u{10FFFF}", "b"];
    for name in names {
        let user = user(name);
        fixture.store.put_user(&user, &Decided::default(), &act(&fixture, &user)).await.unwrap();
    }
    let mut ordered = names;
    ordered.sort_unstable();
    let ids = async |prefix: &str, limit| {
        let (mut after, mut ids) = (None, Vec::new());
        loop {
            let page = UserPage { prefix: prefix.to_owned(), after, limit };
            let users = fixture.store.users(&page).await.unwrap();
            assert!(users.len() <= usize::from(limit));
            let Some(last) = users.last() else { return ids };
            after = Some((last.user.id.clone(), last.user.key));
            ids.extend(users.into_iter().map(|record| record.user.id));
        }
    };
    for limit in [1, 3, 100] {
        assert_eq!(ids("", limit).await, ordered);
        assert_eq!(ids("a", limit).await, ["a", "a%", "a_b", "ab"]);
        assert_eq!(ids("a%", limit).await, ["a%"]);
        assert_eq!(ids("\u{10FFFF}", limit).await, ["\u{10FFFF}"]);
        assert_eq!(ids("x", limit).await, [""; 0]);
    }
}

async fn acts_are_written_once_and_never_changed(fixture: Fixture) {
    let (ana, bea) = (user("ana"), user("bea"));
    let by_ana = Act {
        origin: Origin {
            actor: Actor::User(ana.clone()),
            address: Some([192, 0, 2, 7].into()),
            request_id: None,
        },
        detail: Some("{\"a\": 1}".to_owned()),
        refused: Some(Code::NotAllowed),
        count: 7,
        ..act(&fixture, &bea)
    };
    fixture.clock.advance(TimeDelta::milliseconds(1));
    let by_nobody = Act { target: None, action: Action::ReloadPolicy, ..act(&fixture, &ana) };
    fixture.clock.advance(TimeDelta::milliseconds(1));
    let on_herself = Act { target: Some(ana.clone()), id: ActId::new(fixture.now()), ..by_ana.clone() };
    for _ in 0..2 {
        let acts = [by_ana.clone(), by_nobody.clone(), on_herself.clone()];
        fixture.store.record(&acts).await.unwrap();
    }
    let rows = fixture.store.acts(ActId::LAST, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [on_herself.id, by_nobody.id, by_ana.id]);
    let name = |user: &User| Some((user.issuer.clone(), user.id.clone()));
    let (actor, target) = (rows[2].actor_user.as_ref().unwrap(), rows[2].target.as_ref().unwrap());
    assert_eq!((&actor.name, &target.name), (&name(&ana), &name(&bea)));
    assert_ne!(actor.pseudonym, target.pseudonym);
    assert_eq!((rows[0].actor_user.as_ref(), rows[0].target.as_ref()), (Some(actor), Some(actor)));
    assert_eq!(
        (rows[2].address.as_deref(), rows[2].result.as_str(), rows[2].count),
        (Some("192.0.2.7"), "not_allowed", 7)
    );
    assert_eq!((rows[1].at, rows[2].at), (by_nobody.at, by_ana.at));
    assert_eq!(
        (rows[1].actor.as_str(), &rows[1].target, rows[1].result.as_str()),
        ("admin_token", &None, "done")
    );
    assert_eq!(fixture.store.acts(by_nobody.id, 10).await.unwrap(), rows[2..]);
    assert_eq!(fixture.store.acts(ActId::LAST, 1).await.unwrap(), rows[..1]);

    for change in ["UPDATE audit SET count = 1", "DELETE FROM audit"] {
        let database = fixture.database.attempt(change).await;
        assert!(database.unwrap_err().contains("never changed"), "{change}");
    }
}

async fn a_decision_and_its_act_stand_or_fall_together(fixture: Fixture) {
    let ana = user("ana");
    fixture.database.execute("ALTER TABLE audit RENAME TO elsewhere").await;
    let error = fixture.store.put_user(&ana, &Decided::default(), &act(&fixture, &ana)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert_eq!(fixture.store.user(&ana.key).await.unwrap(), None);
    fixture.database.execute("ALTER TABLE elsewhere RENAME TO audit").await;
    fixture.store.put_user(&ana, &Decided::default(), &act(&fixture, &ana)).await.unwrap();
    assert_eq!(fixture.database.texts("SELECT count(*) FROM audit").await, ["1"]);
}

async fn the_ledger_is_read_by_pages(fixture: Fixture) {
    let mut ids = Vec::new();
    let start = fixture.now();
    for n in 0..6 {
        let (id, _) = fixture.spend(&user(if n % 2 == 0 { "ana" } else { "bea" }), 10).await;
        if n < 4 {
            fixture.settle(id, Outcome::Issued).await;
        }
        ids.push(id);
        fixture.clock.advance(TimeDelta::minutes(10));
    }
    let all = MintPage {
        user: None,
        role: None,
        outcome: None,
        key_source: None,
        from: DateTime::UNIX_EPOCH,
        to: fixture.now(),
        before: None,
        limit: 100,
    };
    let rows = async |page: MintPage| {
        let rows = fixture.store.mints(&page).await.unwrap();
        rows.iter().map(|row| ids.iter().position(|id| *id == row.id).unwrap()).collect::<Vec<_>>()
    };
    let minutes = |minutes| start + TimeDelta::minutes(minutes);
    assert_eq!(rows(all.clone()).await, [5, 4, 3, 2, 1, 0]);
    assert_eq!(rows(MintPage { limit: 2, ..all.clone() }).await, [5, 4]);
    assert_eq!(rows(MintPage { before: Some(ids[4]), limit: 2, ..all.clone() }).await, [3, 2]);
    assert_eq!(rows(MintPage { user: Some(user("ana").key), ..all.clone() }).await, [4, 2, 0]);
    let page = MintPage { user: Some(user("ana").key), before: Some(ids[3]), ..all.clone() };
    assert_eq!(rows(page).await, [2, 0]);
    assert_eq!(rows(MintPage { outcome: Some(Outcome::Pending), ..all.clone() }).await, [5, 4]);
    assert_eq!(rows(MintPage { role: Some("student".to_owned()), ..all.clone() }).await.len(), 6);
    assert_eq!(rows(MintPage { role: Some("teacher".to_owned()), ..all.clone() }).await, [0_usize; 0]);
    let page = MintPage { from: minutes(10), to: minutes(30), ..all.clone() };
    assert_eq!(rows(page.clone()).await, [2, 1], "the first is in it, the last is not");
    assert_eq!(rows(MintPage { user: Some(user("bea").key), ..page }).await, [1]);
}
