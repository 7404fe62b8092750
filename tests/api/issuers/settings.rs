//! Settings of identity: what is refused at start, each with its mend and all at once.

use ephemint::config::{Config, Environment, Upstream};
use ephemint_test_support::EmptyDirectory;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const SAFETY: (&str, &str) = ("SAFETY_ID_SECRET", SECRET);

fn read(settings: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let environment: Environment = settings.iter().copied().collect();
    Config::read(&environment).map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

fn expect_mistakes(settings: &[(&str, &str)], expected: &[&str]) {
    let mistakes = read(settings).unwrap_err();
    assert_eq!(mistakes.len(), expected.len(), "{settings:?}: {mistakes:#?}");
    for start in expected {
        assert!(
            mistakes.iter().any(|mistake| mistake.starts_with(start)),
            "{settings:?}: {start}: {mistakes:#?}"
        );
    }
}

#[test]
fn one_issuer_is_told_in_one_way() {
    let (issuer, url) = (("JWT_ISSUER", "https://a.example"), ("JWT_JWKS_URL", "https://a.example/keys"));
    let (audience, secret) = (("JWT_AUDIENCE", "voice"), ("JWT_SECRET", SECRET));
    for good in [
        &[secret][..],
        &[secret, issuer, audience],
        &[issuer, audience, SAFETY],
        &[issuer, url, audience, SAFETY],
        &[issuer, url, ("JWT_AUTHORIZED_PARTIES", "a, b"), SAFETY],
        &[issuer, ("JWT_JWKS_URL", "http://127.0.0.1:8080/keys"), audience, SAFETY],
        &[issuer, ("JWT_JWKS_URL", "http://[::1]/keys"), audience, SAFETY],
        &[("JWT_ISSUER", "http://localhost:8080/realms/a"), audience, SAFETY],
    ] {
        assert!(read(good).is_ok(), "{good:?}: {:?}", read(good).err());
    }
    expect_mistakes(
        &[secret, url, issuer],
        &["JWT_JWKS_URL: JWT_SECRET and JWT_JWKS_URL are both set; keep one"],
    );
    expect_mistakes(&[url, audience, SAFETY], &["JWT_ISSUER: not set, but JWT_JWKS_URL is"]);
    expect_mistakes(&[issuer, SAFETY], &["JWT_AUDIENCE: names nobody that tokens have to be for"]);
    expect_mistakes(&[issuer, audience], &["SAFETY_ID_SECRET: not set, and there is no JWT_SECRET"]);
    expect_mistakes(&[audience, SAFETY], &["JWT_AUDIENCE: set, but no issuer is named"]);
    expect_mistakes(&[issuer], &["JWT_AUDIENCE: names nobody", "SAFETY_ID_SECRET: not set"]);
    expect_mistakes(&[SAFETY], &["JWT_SECRET: not set, so no user could be verified"]);
}

#[test]
fn keys_come_by_https_only() {
    for bad in [
        "http://a.example/keys",
        "http://10.0.0.1/keys",
        "http://localhost.example/keys",
        "ftp://a.example/keys",
        "file:///etc/passwd",
        "a.example/keys",
        "https://user:password@a.example/keys",
        "https://a.example/keys#x",
    ] {
        let audience = ("JWT_AUDIENCE", "voice");
        let url = [("JWT_ISSUER", "a"), ("JWT_JWKS_URL", bad), audience, SAFETY];
        expect_mistakes(&url, &["JWT_JWKS_URL: not "]);
        expect_mistakes(&[("JWT_ISSUER", bad), audience, SAFETY], &["JWT_ISSUER: not "]);
    }
}

#[test]
fn a_role_that_users_write_themselves_is_none() {
    for path in ["user_metadata.role", "/user_metadata/role", "unsafe_metadata.role", "user_metadata"] {
        expect_mistakes(
            &[("JWT_SECRET", SECRET), ("JWT_ROLE_CLAIM", path)],
            &["JWT_ROLE_CLAIM: users write that themselves"],
        );
    }
}

#[test]
fn stale_keys_have_an_end() {
    for bad in ["0", "299", "604801", "day"] {
        let settings = [("JWT_SECRET", SECRET), ("JWKS_MAX_STALE_SECONDS", bad)];
        expect_mistakes(&settings, &["JWKS_MAX_STALE_SECONDS: "]);
    }
}

const ROLES: &str = "[defaults]\ndefault_role = 'r'\ninstructions.en = 'Speak.'\n[roles.r]\n";

/// Mistakes of a policy file with these issuers, without the file's name.
fn of_policy(issuers: &str, settings: &[(&str, &str)]) -> Vec<String> {
    let directory = EmptyDirectory::create();
    let path = directory.0.join("policy.toml");
    std::fs::write(&path, format!("{ROLES}{issuers}")).unwrap();
    let path = path.display().to_string();
    let all = [settings, &[("POLICY_FILE", &path), SAFETY]].concat();
    let mistakes = read(&all).err().unwrap_or_default();
    mistakes.iter().map(|mistake| mistake.replace(&format!("{path}: "), "")).collect()
}

#[test]
fn every_mistake_of_every_issuer_is_told_at_once() {
    let issuers = "
        [[issuers]]
        issuer = 'https://a.example'
        jwks_url = 'http://a.example/keys'
        algorithms = ['RS256', 'HS256']
        role_claim = 'user_metadata.role'
        name_claim = 'a..b'
        leeway_seconds = 301
        [[issuers]]
        issuer = 'b'
        audience = 7
        authorised_parties = ['b']
        [[issuers]]
        audience = 'c'
        secret = 'in the file'
        [[issuers]]
        issuer = 'https://d.example'
        secret_env = 'D_SECRET'
        algorithms = ['RS256']
    ";
    let shape = [
        "issuers[0].leeway_seconds: 301 is out of range; write a whole number from 0 to 300",
        "issuers[1].audience: is a whole number; write a string in quotes, or an array of them",
        "issuers[1].authorised_parties: is not a key that is known here; did you mean `authorized_parties`?",
        "issuers[2].issuer: is missing; write issuer",
        "issuers[2].secret: is not a key that is known here; it belongs under an environment variable",
    ];
    let found = of_policy(issuers, &[]);
    for start in shape {
        assert!(found.iter().any(|mistake| mistake.starts_with(start)), "{start}: {found:#?}");
    }
    assert!(!found.iter().any(|mistake| mistake.contains("in the file")), "{found:#?}");

    let meant = issuers
        .replace("leeway_seconds = 301", "")
        .replace("audience = 7", "")
        .replace("authorised_parties = ['b']", "")
        .replace("secret = 'in the file'", "issuer = 'https://c.example'\nsecret_env = 'not a name'");
    let expected = [
        "issuers[0].jwks_url: not https",
        "issuers[0].algorithms: \"HS256\" is no algorithm for a key set; use RS256",
        "issuers[0].audience: names nobody",
        "issuers[0].role_claim: users write that themselves",
        "issuers[0].name_claim: \"a..b\": not a path to a claim",
        "issuers[1].issuer: not an address",
        "issuers[1].audience: names nobody",
        "issuers[2].secret_env: is not the name of an environment variable",
        "issuers[3].secret_env: D_SECRET is not set; set D_SECRET, or D_SECRET_FILE",
        "issuers[3].algorithms: a shared secret is for HS256 only",
    ];
    let found = of_policy(&meant, &[]);
    for start in expected {
        assert!(found.iter().any(|mistake| mistake.starts_with(start)), "{start}: {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn there_is_one_issuer_of_a_name() {
    let partner = |name: &str| format!("[[issuers]]\nissuer = '{name}'\nsecret_env = 'PARTNER'\n");
    let secrets = [("PARTNER", SECRET), ("JWT_SECRET", SECRET), ("JWT_ISSUER", "https://own.example")];
    assert_eq!(of_policy(&partner("a"), &secrets), Vec::<String>::new());
    assert_eq!(of_policy(&partner("a"), &secrets[..1]), Vec::<String>::new(), "none in the environment");
    for (issuers, settings, start) in [
        (format!("{0}{0}", partner("a")), &secrets[..], "[[issuers]]: there are two issuers `a`"),
        (
            partner("https://own.example"),
            &secrets,
            "[[issuers]]: there are two issuers `https://own.example`",
        ),
        (partner("a"), &secrets[..2], "JWT_ISSUER: not set, but the policy file has [[issuers]]"),
        (partner(""), &secrets, "issuers[0].issuer: is empty"),
        (partner("a"), &[("PARTNER", "short")], "PARTNER: shorter than 32 bytes"),
        (
            partner("a").replace("PARTNER", "ADMIN_TOKEN"),
            &[],
            "issuers[0].secret_env: ADMIN_TOKEN is a setting",
        ),
        (
            format!("{}jwks_url = 'https://a.example'", partner("a")),
            &[],
            "issuers[0].secret_env: stands beside jwks_url",
        ),
        ("issuers = 'a'".to_owned(), &secrets, "roles.r.issuers: is not a key"),
    ] {
        let found = of_policy(&issuers, settings);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with(start), "{start}: {found:#?}");
    }
}

#[test]
fn only_a_shared_secret_signs_tokens_for_development() {
    let token = |settings: &[(&str, String)]| {
        let arguments = ["token", "--sub", "ana"];
        let (mut command, _directory) =
            ephemint_test_support::command(env!("CARGO_BIN_EXE_ephemint"), &arguments, settings);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let issuer = [("JWT_ISSUER", "https://a.example".to_owned()), ("JWT_AUDIENCE", "voice".to_owned())];
    let (signed, said) = token(&issuer);
    assert!(!signed && said.contains("JWT_SECRET: not set, so no token can be signed"), "{said}");
    let with_secret = [&issuer[..], &[("JWT_SECRET", SECRET.to_owned())]].concat();
    assert!(token(&with_secret).0);
}

#[test]
fn names_for_the_provider_do_not_change_with_the_keys() {
    let named = |settings: &[(&str, &str)]| {
        let Upstream { safety_ids, .. } = read(settings).unwrap().upstream;
        safety_ids.of(&ephemint::kernel::user::User::new("a", "b").unwrap().key)
    };
    let own = [("JWT_ISSUER", "https://a.example"), ("JWT_AUDIENCE", "voice"), SAFETY];
    assert_eq!(named(&own), named(&[("JWT_SECRET", SECRET), SAFETY]));
    assert_ne!(named(&own), named(&[("JWT_SECRET", SECRET)]));
}

#[test]
fn issuers_are_checked_with_their_policy() {
    let directory = EmptyDirectory::create();
    let path = directory.0.join("policy.toml");
    let check = |issuers: &str| {
        std::fs::write(&path, format!("{ROLES}{issuers}")).unwrap();
        let arguments = ["policy", "check", path.to_str().unwrap()];
        let program = env!("CARGO_BIN_EXE_ephemint");
        let (mut command, _directory) = ephemint_test_support::command(program, &arguments, &[]);
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    assert!(check("[[issuers]]\nissuer = 'https://a.example'\naudience = 'a'").0);
    let (good, said) = check("[[issuers]]\nissuer = 'http://a.example'\naudience = 'a'");
    assert!(!good && said.contains("issuers[0].issuer: not https"), "{said}");
}
