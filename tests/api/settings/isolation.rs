//! Many at once: everybody's sessions have what they themselves set last, and nothing of anybody else's.

use std::collections::BTreeMap;

use ephemint_test_support::{Person, TestApp, on_both_stores};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{delete, set, setup};

const USERS: usize = 24;

const ROUNDS: usize = 6;

on_both_stores!(everybody_gets_exactly_their_own, setup(), mint_side_by_side);

async fn mint_side_by_side(app: &TestApp) {
    join_all((0..USERS).map(|user| set_and_mint(app, user))).await;
    let mut told: BTreeMap<usize, Vec<Option<String>>> = BTreeMap::new();
    for request in app.simulator.requests() {
        let session = &request.body.as_ref().unwrap()["session"];
        let instructions = session["instructions"].as_str().unwrap();
        let user = between(instructions, "for U", ".").unwrap().parse().unwrap();
        let prompt = between(instructions, "It is the wish of ", "\n").map(str::to_owned);
        assert_eq!(session["audio"]["output"]["voice"], voice(prompt.as_deref()), "{instructions}");
        told.entry(user).or_default().push(prompt);
    }
    assert_eq!(told.len(), USERS);
    for (user, told) in told {
        let expected: Vec<_> = (0..ROUNDS).flat_map(|round| [wish(user, round), wish(user, round)]).collect();
        assert_eq!(told, expected, "user {user}");
    }
}

/// What a user wishes in a round; nothing in every third.
fn wish(user: usize, round: usize) -> Option<String> {
    (round % 3 != 2).then(|| format!("U{user}, round {round}!"))
}

fn voice(wish: Option<&str>) -> Value {
    if wish.is_some() { "cedar".into() } else { "marin".into() }
}

async fn set_and_mint(app: &TestApp, user: usize) {
    let person = Person::new(&format!("user-{user}")).named(&format!("U{user}"));
    for round in 0..ROUNDS {
        match wish(user, round) {
            Some(wish) => {
                let wish = json!({"system_prompt": format!("It is the wish of {wish}"), "voice": "cedar"});
                set(app, &person, &wish).await;
            }
            None => delete(app, &person).await,
        }
        for _ in 0..2 {
            let answer = app.mint(&person, json!({})).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inner, _)| inner)
}
