//! `ephemint keys import`, from tables as older systems left them (`tests/fixtures/older`).

use std::path::PathBuf;

use ephemint::kernel::user::User;
use ephemint::store::{KeyState, StoreClock};
use ephemint::vault::{Place, SealingKey, Vault};
use ephemint_sim::{Settings, Simulator, Standing};
use ephemint_test_support::run::{self, Kind};
use ephemint_test_support::{
    EmptyDirectory, ISSUER, JWT_SECRET, MINT, Person, ServiceProcess, StoreKind, TestDatabase, send,
};
use secrecy::ExposeSecret;

use super::SEALING;
use crate::cli::{PROGRAM, run, stderr, stdout};

const TABLES: &str = include_str!("../../fixtures/older/tables.sql");

/// What stands in the tables, as it was before it was sealed.
const KEYS: [&str; 11] = [
    "sk-older-ana-first-0123456789",
    "sk-older-ana-second-0123456789",
    "AIzaOlderAna0123456789",
    "sk-older-bea-0123456789-abcdef",
    "sk-older-cai-0123456789-abcdef",
    "AIzaOlderCaiPlain0123",
    "sk-older-nobody-0123456789",
    "older-exa-bea-0123456789",
    "AIzaOlderCai0123456789",
    "older-pigeon-0123456789",
    "sk-older-of-nobody-0123456789",
];

fn fixture(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/older");
    folder.join(name).display().to_string()
}

/// The service's database, and the older system's.
struct Move {
    database: TestDatabase,
    older: TestDatabase,
    directory: EmptyDirectory,
}

impl Move {
    async fn begin(kind: StoreKind) -> Self {
        KEYS.iter().for_each(|key| run::secret(Kind::ProviderKey, key));
        let (database, older) = (TestDatabase::create(kind).await, TestDatabase::create(kind).await);
        older.execute(TABLES).await;
        database.open(StoreClock::Own).await;
        Self { database, older, directory: EmptyDirectory::create() }
    }

    /// What leads to the older system's tables.
    fn source(&self) -> [String; 2] {
        match self.older.directory() {
            Some(directory) => ["--sqlite".to_owned(), directory.join("ephemint.db").display().to_string()],
            None => {
                let file = self.directory.0.join("url");
                std::fs::write(&file, format!("{}\n", self.older.setting().1)).unwrap();
                ["--postgres".to_owned(), file.display().to_string()]
            }
        }
    }

    /// What the command says of these tables.
    fn import(&self, arguments: &[&str]) -> String {
        let output = self.attempt(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    }

    fn attempt(&self, arguments: &[&str]) -> std::process::Output {
        let (name, place) = self.database.setting();
        let settings = [
            (name, place.as_str()),
            ("JWT_SECRET", JWT_SECRET),
            ("JWT_ISSUER", ISSUER),
            ("OPENAI_API_KEY", "sk-operator-0123456789"),
            ("ENCRYPTION_KEYS", SEALING),
        ];
        let output = run(&[&["keys", "import"], arguments].concat(), &settings);
        for said in [stdout(&output), stderr(&output)] {
            let told = KEYS.iter().find(|key| said.contains(*key));
            assert!(told.is_none() && !said.contains("older-session"), "{said}");
        }
        output
    }

    /// The sealed table of sessions.
    fn sessions(&self, more: &[&str]) -> String {
        let source = self.source();
        let mut arguments = vec![source[0].as_str(), &source[1], "--table", "student_config"];
        let (users, key) = (fixture("users.csv"), fixture("old-key.txt"));
        arguments.extend(["--user-column", "session_token", "--users", &users, "--old-key-file", &key]);
        arguments.extend(["--key", "openai_key=openai", "--key", "gemini_key=gemini"]);
        self.import(&[&arguments, more].concat())
    }

    /// The plain table of users.
    fn users(&self, more: &[&str]) -> String {
        let source = self.source();
        let arguments =
            [source[0].as_str(), &source[1], "--table", "user_api_keys", "--user-column", "user_id"];
        let columns = ["--key-column", "api_key", "--provider-column", "provider"];
        self.import(&[&arguments, &columns[..], more].concat())
    }

    /// The keys that somebody has now, opened.
    async fn keys(&self, user: &str) -> Vec<(String, String)> {
        let vault = Vault::new(SealingKey::parse(SEALING).unwrap(), Vec::new());
        let store = self.database.open(StoreClock::Own).await;
        let records = store.provider_keys(&User::new(ISSUER, user).unwrap().key).await.unwrap();
        let opened = records.iter().map(|record| {
            assert_eq!(record.held.state, KeyState::Unvalidated);
            let place = Place::provider_key(&record.user, &record.provider);
            let key = vault.open(&place, &record.held.sealed).unwrap();
            (record.provider.to_string(), key.expose_secret().to_owned())
        });
        opened.collect()
    }
}

/// The line of a row and provider, from its third column on.
fn line<'a>(report: &'a str, row: usize, provider: &str) -> &'a str {
    let row = row.to_string();
    let found = report.lines().find(|line| {
        line.split_whitespace().next() == Some(&row) && line.split_whitespace().any(|word| word == provider)
    });
    assert!(found.is_some(), "there is no row {row} of {provider} in {report}");
    found.unwrap()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(provider, key)| ((*provider).to_owned(), (*key).to_owned())).collect()
}

macro_rules! on_both_stores {
    ($($name:ident),+) => {
        $(mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(Move::begin(StoreKind::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if StoreKind::Postgres.is_wanted() {
                    super::$name(Move::begin(StoreKind::Postgres).await).await;
                }
            }
        })+
    };
}
on_both_stores!(
    sealed_keys_by_session_are_taken_over,
    plain_keys_by_user_are_taken_over,
    a_running_service_mints_with_what_was_imported
);

async fn sealed_keys_by_session_are_taken_over(older: Move) {
    let told = older.sessions(&["--newest-by", "updated_at"]);
    assert!(told.contains("4 to import, 0 here already"), "{told}");
    assert!(told.contains("Nothing was written"), "{told}");
    assert_eq!(older.keys("ana").await, []);

    // The newest row comes first, and that of `eva`, which has nothing in it, next.
    let told = older.sessions(&["--newest-by", "updated_at", "--write"]);
    for (row, provider, what) in [
        (1, "openai", "imported"),
        (1, "gemini", "imported"),
        (3, "openai", "no such user"),
        (4, "openai", "does not open it"),
        (4, "gemini", "it is no key"),
        (5, "openai", "imported"),
        (5, "gemini", "not iv:tag:ciphertext"),
        (6, "openai", "imported"),
        (7, "openai", "another row is newer"),
    ] {
        assert!(line(&told, row, provider).contains(what), "{told}");
    }
    assert!(told.contains("4 imported, 0 here already, 5 skipped."), "{told}");
    let second = [("gemini", "AIzaOlderAna0123456789"), ("openai", "sk-older-ana-second-0123456789")];
    assert_eq!(older.keys("ana").await, owned(&second));
    assert_eq!(older.keys("bea").await, owned(&[("openai", "sk-older-bea-0123456789-abcdef")]));
    assert_eq!(older.keys("cai").await, owned(&[("openai", "sk-older-cai-0123456789-abcdef")]));
    assert_eq!(older.keys("dan").await, []);
    assert_eq!(older.keys("eva").await, []);

    let again = older.sessions(&["--newest-by", "updated_at", "--write"]);
    assert!(again.contains("0 imported, 4 here already, 5 skipped."), "{again}");
    let unordered = older.sessions(&[]);
    assert!(unordered.contains("rows differ; say --newest-by"), "{unordered}");
    let acts = "SELECT detail FROM audit WHERE action = 'put_provider_key'";
    let acts = older.database.texts(acts).await;
    let told = acts.iter().filter(|act| {
        let act = act.replace(' ', "");
        act.contains("\"imported\":true") && act.contains("\"state\":\"unvalidated\"")
    });
    assert_eq!(told.count(), 4, "{acts:?}");
}

async fn plain_keys_by_user_are_taken_over(older: Move) {
    older.sessions(&["--newest-by", "updated_at", "--write"]);
    let told = older.users(&["--write"]);
    for (row, provider, user, what) in [
        (1, "openai", "ana", "is here already"),
        (2, "exa", "bea", "imported"),
        (3, "gemini", "cai", "imported"),
        (4, "carrier-pigeon", "dan", "no keys of this provider"),
        (5, "openai", "", "has no user"),
    ] {
        let line = line(&told, row, provider);
        assert!(line.contains(what) && line.contains(user), "{told}");
    }
    assert!(line(&told, 2, "exa").contains("…6789"), "{told}");
    let both = [("gemini", "AIzaOlderCai0123456789"), ("openai", "sk-older-cai-0123456789-abcdef")];
    assert_eq!(older.keys("cai").await, owned(&both));

    // What a user has here stays, whatever the older system had.
    older
        .older
        .execute("UPDATE user_api_keys SET api_key = 'sk-older-ana-first-0123456789' WHERE user_id = 'ana'")
        .await;
    let told = older.users(&["--write"]);
    assert!(told.contains("another one was entered here") && told.contains("0 imported"), "{told}");
    assert!(older.keys("ana").await.contains(&owned(&[("openai", "sk-older-ana-second-0123456789")])[0]));
}

async fn a_running_service_mints_with_what_was_imported(older: Move) {
    let simulator = Simulator::start(Settings::default()).await.unwrap();
    simulator.put_account("anas", "sk-older-ana-second-0123456789", Standing::Good);
    let settings = [
        ("BIND_ADDR", "127.0.0.1:0".to_owned()),
        ("JWT_SECRET", JWT_SECRET.to_owned()),
        ("JWT_ISSUER", ISSUER.to_owned()),
        ("OPENAI_API_KEY", ephemint_sim::DEMO_API_KEY.to_owned()),
        ("OPENAI_BASE_URL", simulator.base_url().to_owned()),
        ("ENCRYPTION_KEYS", SEALING.to_owned()),
        older.database.setting(),
    ];
    let service = ServiceProcess::start(PROGRAM, &settings);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let paid_by = async || {
        let request = http.post(format!("{}{MINT}", service.base())).bearer_auth(Person::new("ana").token());
        assert_eq!(send(request).await.status, 200);
        simulator.last_request().unwrap().account.unwrap()
    };
    assert_eq!(paid_by().await, ephemint_sim::DEFAULT_ACCOUNT);
    assert!(older.users(&["--write"]).contains("3 imported"));
    assert_eq!(paid_by().await, "anas");
    let (status, output) = service.stop();
    assert!(status.success(), "{output}");
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_beside_ours_are_read_where_they_are() {
    if !StoreKind::Postgres.is_wanted() {
        return;
    }
    let older = Move::begin(StoreKind::Postgres).await;
    older.database.execute(&format!("CREATE SCHEMA old; SET search_path = old; {TABLES}")).await;
    let arguments = ["--database", "--table", "old.user_api_keys", "--user-column", "user_id", "--write"];
    let told = older
        .import(&[&arguments[..], &["--key-column", "api_key", "--provider-column", "provider"]].concat());
    assert!(told.contains("3 imported, 0 here already, 2 skipped."), "{told}");
    assert_eq!(older.keys("bea").await, owned(&[("exa", "older-exa-bea-0123456789")]));
}

#[tokio::test]
async fn a_csv_file_is_read_as_well() {
    let older = Move::begin(StoreKind::Sqlite).await;
    let (csv, users, key) = (fixture("student_config.csv"), fixture("users.csv"), fixture("old-key.txt"));
    let arguments =
        ["--csv", &csv, "--user-column", "session_token", "--users", &users, "--old-key-file", &key];
    let told = older.import(
        &[&arguments[..], &["--key", "openai_key=openai", "--newest-by", "updated_at", "--write"]].concat(),
    );
    assert!(told.contains("3 imported"), "{told}");
    assert_eq!(older.keys("ana").await, owned(&[("openai", "sk-older-ana-second-0123456789")]));

    // Without the old key, what is sealed is no key.
    let plain = older.import(&[&arguments[..6], &["--key", "openai_key=openai"]].concat());
    assert!(plain.contains("it is sealed; say --old-key-file") && plain.contains("0 to import"), "{plain}");
}

#[tokio::test]
async fn what_can_t_be_read_is_said() {
    let older = Move::begin(StoreKind::Sqlite).await;
    let source = older.source();
    let from = [source[0].as_str(), &source[1]];
    let (csv, wrong_key) = (fixture("student_config.csv"), fixture("users.csv"));
    for (arguments, said) in [
        (vec!["--table", "x", "--user-column", "u", "--key", "k=openai"], "--database|--postgres"),
        ([&from[..], &["--table", "nothing", "--user-column", "u", "--key", "k=openai"]].concat(), "nothing"),
        (
            [&from[..], &["--table", "user_api_keys", "--user-column", "who", "--key", "k=openai"]].concat(),
            "who",
        ),
        ([&from[..], &["--user-column", "u", "--key", "k=openai"]].concat(), "--table"),
        ([&from[..], &["--table", "t", "--user-column", "u"]].concat(), "--key"),
        ([&from[..], &["--table", "t", "--user-column", "u", "--key", "openai"]].concat(), "COLUMN=PROVIDER"),
        (
            [&from[..], &["--table", "t", "--user-column", "u", "--key-column", "k"]].concat(),
            "--provider-column",
        ),
        (vec!["--csv", &csv, "--user-column", "nobody", "--key", "openai_key=openai"], "no column `nobody`"),
        (
            vec![
                "--csv",
                &csv,
                "--user-column",
                "session_token",
                "--key",
                "openai_key=openai",
                "--old-key-file",
                &wrong_key,
            ],
            "64 hexadecimal digits",
        ),
        (
            vec![
                "--csv",
                &csv,
                "--user-column",
                "session_token",
                "--key",
                "openai_key=openai",
                "--issuer",
                "https://other",
            ],
            "no tokens of this issuer",
        ),
        (
            vec!["--database", "--table", "t", "--user-column", "u", "--key", "k=openai"],
            "DATABASE_URL is not set",
        ),
    ] {
        let output = older.attempt(&arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
    }
}
