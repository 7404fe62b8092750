//! Sealed keys of users, as every store has them.

use std::sync::Arc;

use chrono::TimeDelta;
use ephemint::kernel::provider_name::ProviderName;
use ephemint::kernel::user::User;
use ephemint::store::{Batch, Judged, KeyRecord, KeyState, KeyVersion, Resealed, SealedKey, Spent, Standing};

use super::admin::act;
use super::{Fixture, StoreKind, ask, over_both_stores, user};

over_both_stores!(
    a_key_is_replaced_and_deleted,
    a_spend_checks_the_key_that_it_assumes,
    a_judgement_is_of_one_version,
    a_use_is_noted_to_the_hour,
    only_what_is_still_there_is_sealed_anew,
    keys_are_read_page_by_page,
);

const EXA: ProviderName = ProviderName::known("exa");

fn sealed(provider: &ProviderName, bytes: &[u8]) -> SealedKey {
    SealedKey {
        provider: provider.clone(),
        sealed: bytes.to_vec(),
        sealing_key: "first".to_owned(),
        mask: "…abcd".to_owned(),
        state: KeyState::Valid,
    }
}

impl Fixture {
    async fn put(&self, user: &Arc<User>, provider: &ProviderName, bytes: &[u8]) -> KeyRecord {
        let key = sealed(provider, bytes);
        self.store.put_provider_key(&user.key, &key, &act(self, user)).await.unwrap();
        self.key(user, provider).await.unwrap()
    }

    async fn key(&self, user: &Arc<User>, provider: &ProviderName) -> Option<KeyRecord> {
        let keys = self.store.provider_keys(&user.key).await.unwrap();
        keys.into_iter().find(|key| key.provider == *provider)
    }

    async fn judge(&self, user: &Arc<User>, version: KeyVersion, state: KeyState) -> bool {
        let judged = Judged { provider: ProviderName::OPENAI, version, state };
        self.store.judge_provider_key(&user.key, &judged, &act(self, user)).await.unwrap()
    }
}

async fn a_key_is_replaced_and_deleted(fixture: Fixture) {
    let (ana, bea, openai) = (user("ana"), user("bea"), ProviderName::OPENAI);
    let first = fixture.put(&ana, &openai, b"one").await;
    fixture.put(&ana, &EXA, b"other").await;
    fixture.clock.advance(TimeDelta::seconds(1));
    let second = fixture.put(&ana, &openai, b"two").await;
    assert_ne!(first.held.version, second.held.version);
    assert_eq!((&*second.held.sealed, second.user), (&b"two"[..], ana.key));
    assert_eq!((second.created_at, second.updated_at), (first.created_at, fixture.now()));
    assert_eq!((second.sealed_at, second.last_validated_at), (fixture.now(), Some(fixture.now())));
    assert!(fixture.store.provider_keys(&bea.key).await.unwrap().is_empty());
    for there in [true, false] {
        let deleted = fixture.store.delete_provider_key(&ana.key, &openai, &act(&fixture, &ana)).await;
        assert_eq!(deleted.unwrap(), there);
    }
    let left = fixture.store.provider_keys(&ana.key).await.unwrap();
    assert_eq!(left.iter().map(|key| key.provider.as_str()).collect::<Vec<_>>(), ["exa"]);
}

async fn a_spend_checks_the_key_that_it_assumes(fixture: Fixture) {
    let (ana, openai) = (user("ana"), ProviderName::OPENAI);
    let spend = async |assumed: &Standing| {
        let ask = ephemint::store::Ask { assumed: assumed.clone(), ..ask(&ana, 9, fixture.now()) };
        let batch = Batch { asks: vec![ask], settlements: Vec::new() };
        fixture.store.turn(&batch).await.unwrap().remove(0)
    };
    fixture.put(&ana, &EXA, b"other").await;
    assert!(matches!(spend(&Standing::default()).await, Spent::Granted(_)), "only one mints");
    let record = fixture.put(&ana, &openai, b"one").await;
    let held = otherwise(spend(&Standing::default()).await).unwrap();
    let key = held.key.clone().unwrap();
    assert_eq!((key.version, &*key.sealed, key.state), (record.held.version, &b"one"[..], KeyState::Valid));
    assert_eq!(held, fixture.store.standing(&ana.key).await.unwrap());
    assert!(matches!(spend(&held).await, Spent::Granted(_)));

    assert!(fixture.judge(&ana, key.version, KeyState::NoQuota).await);
    let judged = otherwise(spend(&held).await).unwrap();
    let key = judged.key.clone().unwrap();
    assert_eq!((key.state, key.refused_at), (KeyState::NoQuota, Some(fixture.now())));
    fixture.store.delete_provider_key(&ana.key, &openai, &act(&fixture, &ana)).await.unwrap();
    assert_eq!(spend(&judged).await, Spent::Otherwise(Standing::default()));
}

fn otherwise(spent: Spent) -> Option<Standing> {
    match spent {
        Spent::Otherwise(held) => Some(held),
        Spent::Granted(_) | Spent::Refused(_) => None,
    }
}

async fn a_judgement_is_of_one_version(fixture: Fixture) {
    let (ana, openai) = (user("ana"), ProviderName::OPENAI);
    let old = fixture.put(&ana, &openai, b"one").await;
    let new = fixture.put(&ana, &openai, b"two").await;
    assert!(!fixture.judge(&ana, old.held.version, KeyState::Refused).await);
    assert_eq!(fixture.key(&ana, &openai).await.unwrap().held.state, KeyState::Valid);
    assert!(fixture.judge(&ana, new.held.version, KeyState::Refused).await);
    fixture.clock.advance(TimeDelta::seconds(1));
    let refused = fixture.key(&ana, &openai).await.unwrap();
    assert_eq!((refused.held.state, refused.last_validated_at), (KeyState::Refused, Some(new.updated_at)));
    assert!(fixture.judge(&ana, refused.held.version, KeyState::Valid).await);
    let valid = fixture.key(&ana, &openai).await.unwrap();
    assert_eq!((valid.held.refused_at, valid.last_validated_at), (None, Some(fixture.now())));
    let acts = "SELECT count(*) FROM audit";
    assert_eq!(fixture.database.texts(acts).await, ["4"], "what was not judged was not noted");
}

async fn a_use_is_noted_to_the_hour(fixture: Fixture) {
    let (ana, bea, openai) = (user("ana"), user("bea"), ProviderName::OPENAI);
    fixture.put(&ana, &openai, b"one").await;
    let first = fixture.now();
    for (seconds, expected) in [(0, 0), (3599, 0), (1, 3600)] {
        fixture.clock.advance(TimeDelta::seconds(seconds));
        let used = [(ana.key, openai.clone()), (bea.key, openai.clone())];
        fixture.store.note_key_use(&used).await.unwrap();
        let noted = fixture.key(&ana, &openai).await.unwrap().last_used_at.unwrap();
        assert_eq!(noted, first + TimeDelta::seconds(expected));
    }
}

async fn only_what_is_still_there_is_sealed_anew(fixture: Fixture) {
    let (ana, bea, openai) = (user("ana"), user("bea"), ProviderName::OPENAI);
    let (anas, beas) =
        (fixture.put(&ana, &openai, b"one").await, fixture.put(&bea, &openai, b"one of bea").await);
    fixture.put(&bea, &openai, b"two of bea").await;
    fixture.clock.advance(TimeDelta::seconds(1));
    let anew = |record: &KeyRecord| Resealed {
        user: record.user,
        provider: openai.clone(),
        before: record.held.sealed.clone(),
        sealed: b"anew".to_vec(),
        sealing_key: "second".to_owned(),
    };
    assert_eq!(fixture.store.reseal(&[anew(&anas), anew(&beas)]).await.unwrap(), 1);
    let after = fixture.key(&ana, &openai).await.unwrap();
    assert_eq!((&*after.held.sealed, after.sealing_key.as_str()), (&b"anew"[..], "second"));
    assert_eq!(
        (after.held.version, after.sealed_at),
        (anas.held.version, fixture.now()),
        "the key is the same"
    );
    assert_eq!(&*fixture.key(&bea, &openai).await.unwrap().held.sealed, b"two of bea");
    let held = fixture.store.sealing_keys(None).await.unwrap();
    let held: Vec<_> = held.iter().map(|key| (key.sealing_key.as_str(), key.count, key.old)).collect();
    assert_eq!(held, [("first", 1, 0), ("second", 1, 0)]);
    // A key that was sealed anew is as old as it was.
    for (until, expected) in
        [(anas.updated_at, [1, 1]), (anas.updated_at - TimeDelta::milliseconds(1), [0, 0])]
    {
        let held = fixture.store.sealing_keys(Some(until)).await.unwrap();
        assert_eq!(held.iter().map(|key| key.old).collect::<Vec<_>>(), expected);
    }
}

async fn keys_are_read_page_by_page(fixture: Fixture) {
    let mut expected = Vec::new();
    for n in 0..7 {
        let user = user(&format!("user {n}"));
        for provider in [ProviderName::OPENAI, EXA] {
            fixture.put(&user, &provider, b"one").await;
            expected.push((user.key, provider));
        }
    }
    let (mut after, mut found) = (None, Vec::new());
    loop {
        let page = fixture.store.provider_keys_after(after.as_ref(), 3).await.unwrap();
        found.extend(page.iter().map(|key| (key.user, key.provider.clone())));
        match page.last() {
            Some(last) => after = Some((last.user, last.provider.clone())),
            None => break,
        }
    }
    expected.sort_unstable();
    assert_eq!(found, expected);
}
