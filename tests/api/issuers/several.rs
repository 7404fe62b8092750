//! Several issuers at once: each token goes to its own, and users of one are none of another.

use ephemint_test_support::{JWT_SECRET, KeyServer, Person, SigningKey, on_both_stores};

use super::*;

pub(super) const ROLES: &str = "
    [defaults]
    default_role = 'guest'
    instructions.en = 'Speak.'
    [roles.guest]
    hourly_tokens = 1
    [roles.teacher]
    hourly_tokens = 2
";

/// One with JWT_SECRET and two with keys, each with claims in other places.
fn policy(first: &KeyServer, second: &KeyServer) -> String {
    format!(
        "{ROLES}
        [[issuers]]
        issuer = '{}'
        audience = ['other', '{AUDIENCE}']
        role_claim = '/https:~1~1first.example~1roles'
        leeway_seconds = 0
        [[issuers]]
        issuer = '{}'
        jwks_url = '{}'
        authorized_parties = ['app-1', 'app-2']
        [[issuers]]
        issuer = 'partner'
        secret_env = 'PARTNER_SECRET'",
        first.base(),
        second.base(),
        second.keys_url(),
    )
}

const PARTNER_SECRET: &str = "the-secret-of-a-partner-0123456789";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_token_goes_to_its_own_issuer() {
    let (first_key, second_key) = (SigningKey::p256("k"), SigningKey::ed25519("k"));
    let (first, second) = (KeyServer::start(&[&first_key]).await, KeyServer::start(&[&second_key]).await);
    let setup = Setup::policy(&policy(&first, &second)).set("PARTNER_SECRET", PARTNER_SECRET);
    let app = start(setup).await;
    let partner = |change: Value| {
        let claims = with(json!({"iss": "partner", "sub": "ana", "exp": 4_000_000_000_i64}), &change);
        ephemint::auth::sign(&claims, &PARTNER_SECRET.to_owned().into()).unwrap()
    };
    let azp = |party: &str| with(claims(&second), &json!({"aud": null, "azp": party}));
    let roles = json!({"https://first.example/roles": ["stranger", "teacher"]});
    for (token, role) in [
        (Person::new("ana").as_role("teacher").token(), "teacher"),
        (first_key.sign("ES256", &claims(&first)), "guest"),
        (first_key.sign("ES256", &with(claims(&first), &roles)), "teacher"),
        (second_key.sign("EdDSA", &azp("app-2")), "guest"),
        (second_key.sign("EdDSA", &with(azp("x"), &json!({"azp": null, "client_id": "app-1"}))), "guest"),
        (partner(json!({"app_metadata": {"role": "teacher"}})), "teacher"),
    ] {
        let answer = usage(&app, &token).await;
        assert_eq!((answer.status, &answer.json()["role"]), (200, &json!(role)), "{}", answer.text);
    }
    let just_expired = json!({"exp": 1_795_176_000 - 1});
    for token in [
        // The key of one under the name of another.
        second_key.sign("EdDSA", &claims(&first)),
        first_key.sign("ES256", &azp("app-1")),
        ephemint::auth::sign(&claims(&first), &JWT_SECRET.to_owned().into()).unwrap(),
        ephemint::auth::sign(&claims(&first), &PARTNER_SECRET.to_owned().into()).unwrap(),
        Person::new("ana").with("iss", json!("partner")).token(),
        partner(json!({"iss": ephemint_test_support::ISSUER})),
        // Nobody's, and that of somebody nearly.
        partner(json!({"iss": null})),
        partner(json!({"iss": "Partner"})),
        first_key.sign("ES256", &with(claims(&first), &json!({"iss": format!("{}/", first.base())}))),
        // For others.
        first_key.sign("ES256", &with(claims(&first), &json!({"aud": "third"}))),
        second_key.sign("EdDSA", &azp("app-3")),
        second_key.sign("EdDSA", &claims(&second)),
        second_key.sign("EdDSA", &with(azp("x"), &json!({"client_id": "app-1"}))),
        // Leeway is each issuer's own.
        first_key.sign("ES256", &with(claims(&first), &just_expired)),
    ] {
        assert_eq!(usage(&app, &token).await.error(), error(401, "unauthorized"), "{token}");
    }
    assert_eq!(usage(&app, &partner(just_expired)).await.status, 200, "half a minute where nothing is said");
    app.stop().await;
    first.stop().await;
    second.stop().await;
}

on_both_stores!(namesakes_share_nothing, namesakes(), spend_as_namesakes);

fn namesakes() -> Setup {
    let issuers = "[[issuers]]\nissuer = 'partner'\nsecret_env = 'PARTNER_SECRET'";
    Setup::policy(&format!("{ROLES}{issuers}")).set("PARTNER_SECRET", PARTNER_SECRET)
}

async fn spend_as_namesakes(app: &TestApp) {
    let partner = json!({"iss": "partner", "sub": "ana", "exp": 4_000_000_000_i64});
    let partner = ephemint::auth::sign(&partner, &PARTNER_SECRET.to_owned().into()).unwrap();
    let ours = Person::new("ana").token();
    for token in [&ours, &partner] {
        assert_eq!(mint(app, token).await.status, 200);
        assert_eq!(mint(app, token).await.status, 429);
    }
    let names = app.database.texts("SELECT user_id FROM mints ORDER BY user_id").await;
    assert_eq!(names, [format!("{}|ana", ephemint_test_support::ISSUER), "partner|ana".to_owned()]);
    let keys = app.database.texts("SELECT count(DISTINCT user_key) FROM mints").await;
    assert_eq!(keys, ["2"]);
    // Whoever comes from one issuer only is the same user under a longer name.
    app.database.put_user(&Person::new("ana").user(), "NULL", "NULL", true).await;
    assert_eq!(usage(app, &ours).await.code(), "user_disabled");
    assert_eq!(usage(app, &partner).await.status, 200);
}
