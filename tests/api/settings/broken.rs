//! Rows that somebody else has written: another version, or a hand.

use ephemint_test_support::{Person, TestApp, on_both_stores};
use serde_json::json;

use super::{ana, get, minted, set, setup};

on_both_stores!(what_nobody_can_read_stands_in_nobodys_way, setup(), break_a_row);

async fn break_a_row(app: &TestApp) {
    let (ana, bob) = (ana(), Person::new("bob"));
    let plain = minted(app, &ana, json!({})).await;
    set(app, &bob, &json!({"voice": "cedar"})).await;
    for document in ["", "{", "[]", r#"{"speed": "fast"}"#, r#"{"tools": [{"type": "telepathy"}]}"#] {
        set(app, &ana, &json!({"voice": "cedar"})).await;
        rewrite(app, document).await;
        let (ours, theirs) = tokio::join!(app.mint(&ana, json!({})), app.mint(&bob, json!({})));
        assert_eq!((ours.status, theirs.status), (200, 200), "{document}");
        assert_eq!(minted(app, &ana, json!({})).await, plain, "{document}");
        assert_eq!(get(app, &ana).await.json()["settings"], json!({}));
        assert_eq!(minted(app, &bob, json!({})).await["audio"]["output"]["voice"], "cedar");
    }
    // What a newer version knows besides takes nothing away.
    set(app, &ana, &json!({"voice": "marin"})).await;
    rewrite(app, r#"{"voice": "cedar", "temper": "mild"}"#).await;
    assert_eq!(minted(app, &ana, json!({})).await["audio"]["output"]["voice"], "cedar");
}

/// Writes a document in the place of Ana's; the version says that it is another one.
async fn rewrite(app: &TestApp, document: &str) {
    let key = ana().user().key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (version, key) = match app.database.directory() {
        Some(_) => ("randomblob(16)", format!("x'{key}'")),
        None => ("gen_random_uuid()", format!("'\\x{key}'")),
    };
    let change = format!("document = '{document}', version = {version}");
    app.database.execute(&format!("UPDATE personal_settings SET {change} WHERE user_key = {key}")).await;
}
