use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::kernel::hex::unhex;
use crate::kernel::provider_name::ProviderName;
use crate::kernel::user::{User, UserKey};

const FIRST: &str = "2026-11:a3e49f3daa9f2ae47816224f72664c896be185650667cb649d9b98efc1bd4763";
const SECOND: &str = "2027-02:3a0e5d3b6c6d9f5b4a0a2c1e8f7d6b5c49382716f5e4d3c2b1a0998877665544";

fn key(text: &str) -> SealingKey {
    SealingKey::parse(text).unwrap()
}

fn vault() -> Vault {
    Vault::new(key(FIRST), Vec::new())
}

fn user(subject: &str) -> UserKey {
    User::new("https://issuer.example", subject).unwrap().key
}

const OPENAI: ProviderName = ProviderName::OPENAI;

/// Made by another implementation: Python's `cryptography`, from what [`Place`] and [`Sealed`] say of the form.
#[test]
fn what_another_implementation_sealed_opens() {
    let sealed = unhex(
        "0107323032362d3131000102030405060708090a0b44f6e1c760142f789792e6834d275eaa9121a0a07d798f7df88ca08290e45776413cdaa3\
         a10978681e5a",
    );
    let (ana, sealed) = (user("ana"), sealed.unwrap());
    let opened = vault().open(&Place::provider_key(&ana, &OPENAI), &sealed).unwrap();
    assert_eq!(opened.expose_secret(), "sk-known-answer-0123456789");
}

#[test]
fn it_opens_in_its_own_place_only() {
    let (ana, bea, exa) = (user("ana"), user("bea"), ProviderName::known("exa"));
    let place = Place::provider_key(&ana, &OPENAI);
    let sealed = vault().seal(&place, &"sk-secret".to_owned().into()).unwrap().bytes;
    for elsewhere in
        [Place::provider_key(&bea, &OPENAI), Place::provider_key(&ana, &exa), place.in_table("settings")]
    {
        let opened = vault().open(&elsewhere, &sealed);
        assert_eq!(opened.err(), Some(OpenError::Forged), "{elsewhere:?}");
    }
    assert!(vault().open(&place, &sealed).is_ok());
}

#[test]
fn the_first_key_seals_and_all_of_them_open() {
    let ana = user("ana");
    let place = Place::provider_key(&ana, &OPENAI);
    let old = vault().seal(&place, &"sk-old".to_owned().into()).unwrap();
    let both = Vault::new(key(SECOND), vec![key(FIRST)]);
    let new = both.seal(&place, &"sk-new".to_owned().into()).unwrap();
    assert_eq!((old.key_id.as_str(), new.key_id.as_str()), ("2026-11", "2027-02"));
    assert_eq!(both.open(&place, &old.bytes).unwrap().expose_secret(), "sk-old");
    assert_eq!(both.open(&place, &new.bytes).unwrap().expose_secret(), "sk-new");
    assert_eq!(vault().open(&place, &new.bytes).err(), Some(OpenError::UnknownKey));
    let renamed = Vault::new(key(&SECOND.replace("2027-02", "2026-11")), Vec::new());
    assert_eq!(renamed.open(&place, &old.bytes).err(), Some(OpenError::Forged), "same id, another key");
}

#[test]
fn no_nonce_comes_twice_in_a_million_seals() {
    let (vault, ana) = (vault(), user("ana"));
    let place = Place::provider_key(&ana, &OPENAI);
    let mut nonces = HashSet::new();
    for _ in 0..1_000_000 {
        let nonce = vault.seals.seal(&place, &mut Vec::with_capacity(16)).unwrap();
        assert!(nonces.insert(nonce));
    }
}

#[test]
fn what_is_no_key_is_refused_without_being_quoted() {
    for (text, expected) in [
        ("a3e49f", BadKey::NoId),
        (":00", BadKey::Id),
        ("a b:00", BadKey::Id),
        ("a:00", BadKey::Hex),
        (&format!("a:{}", "zz".repeat(32)), BadKey::Hex),
        (&format!("a:{}", "é".repeat(32)), BadKey::Hex),
        (&format!("a:{}", "00".repeat(32)), BadKey::NotRandom),
        (&format!("a:{}", "0123456789abcdef".repeat(4)), BadKey::NotRandom),
        (&format!("a:{}", (0_u8..32).map(|n| format!("{n:02x}")).collect::<String>()), BadKey::NotRandom),
        (&format!("{}:{}", "a".repeat(33), &FIRST[8..]), BadKey::Id),
    ] {
        assert_eq!(SealingKey::parse(text).err(), Some(expected), "{text}");
    }
    assert_eq!(SealingKey::alone(&FIRST[8..]).unwrap().id().as_str(), KeyId::ALONE);
    assert_eq!(format!("{:?}", key(FIRST)), "SealingKey(2026-11)");
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_as_it_was(text in "\\PC{0,200}", subject in "[a-z]{1,20}") {
        let user = user(&subject);
        let place = Place::provider_key(&user, &OPENAI);
        let sealed = vault().seal(&place, &text.clone().into()).unwrap();
        let opened = vault().open(&place, &sealed.bytes).unwrap();
        prop_assert_eq!(opened.expose_secret(), text);
    }

    #[test]
    fn a_flipped_bit_does_not_open(at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let ana = user("ana");
        let place = Place::provider_key(&ana, &OPENAI);
        let mut sealed = vault().seal(&place, &"sk-secret-of-somebody".to_owned().into()).unwrap().bytes;
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(vault().open(&place, &sealed).is_err());
    }

    #[test]
    fn rubbish_does_not_open(rubbish in prop::collection::vec(any::<u8>(), 0..100)) {
        let ana = user("ana");
        prop_assert!(vault().open(&Place::provider_key(&ana, &OPENAI), &rubbish).is_err());
    }
}
