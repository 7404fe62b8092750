//! The whole run of the tests, as `scripts/test` makes it: what services wrote and answered, and everything secret that
//! went into them, kept in a folder until `tests/leaks` searches the one for the other.
//!
//! `EPHEMINT_TEST_RUN` names the folder; without it nothing is kept. Each process of tests writes files of its own:
//!
//! | folder | what is in it |
//! |---|---|
//! | `log` | what services log, at `trace`: those in this process, and the program itself |
//! | `error` | answers with an error, headers and body |
//! | `answer` | other answers to users; what they are handed out may be in these |
//! | `metrics` | what is counted, as each service stops and where a test reads it |
//! | `canaries` | what must be in none of these: a kind and a piece of a secret in each line |

mod answer;
mod canary;
mod finder;
mod search;
mod settings;

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use ephemint::config::{LogFormat, Logging};

pub(crate) use answer::{answered, upstream};
pub use canary::Kind;
pub use search::{Hit, Missing, Search, search};
pub(crate) use settings::note_settings;

/// Where something was heard of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Its log.
    Log,
    /// An answer with an error.
    Error,
    /// Another answer to a user.
    Answer,
    /// Its metrics.
    Metrics,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 4] = [Self::Log, Self::Error, Self::Answer, Self::Metrics];

    /// The name of its folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Error => "error",
            Self::Answer => "answer",
            Self::Metrics => "metrics",
        }
    }

    /// Whether it is where such a secret belongs.
    pub fn is_for(self, kind: Kind) -> bool {
        self == Self::Answer && kind == Kind::EphemeralToken
    }
}

const CANARIES: &str = "canaries";

static RUN: LazyLock<Option<Run>> = LazyLock::new(Run::of_environment);

struct Run {
    folder: PathBuf,
    noted: Mutex<HashSet<String>>,
}

impl Run {
    fn of_environment() -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os("EPHEMINT_TEST_RUN").filter(|name| !name.is_empty())?);
        let run = Self { folder, noted: Mutex::default() };
        let logging = Logging { format: LogFormat::Json, filter: "trace".to_owned(), traces: None };
        // Once for the process: the services in it share one log. The file is shared by their threads.
        ephemint::app::log_to(&logging, Mutex::new(run.open(Place::Log.as_str()))).unwrap();
        Some(run)
    }

    /// This process's file in one of the folders, to be added to.
    fn open(&self, folder: &str) -> File {
        let folder = self.folder.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{}.txt", std::process::id()));
        OpenOptions::new().create(true).append(true).open(file).unwrap()
    }

    fn add(&self, folder: &str, text: &str) {
        // Written at once, whole lines: other threads of this process write there too.
        self.open(folder).write_all(format!("{}\n", text.trim_end_matches('\n')).as_bytes()).unwrap();
    }
}

/// Whether the run is kept. From the first time that anything asks, what services in this process log is kept too.
pub(crate) fn is_kept() -> bool {
    RUN.is_some()
}

/// Keeps what was heard of a service.
pub fn heard(place: Place, text: &str) {
    if let Some(run) = &*RUN {
        run.add(place.as_str(), text);
    }
}

/// Remembers a secret: nothing that is heard of a service may have it.
pub fn secret(kind: Kind, value: &str) {
    let Some(run) = &*RUN else { return };
    for piece in kind.pieces(value) {
        if run.noted.lock().unwrap().insert(piece.to_owned()) {
            run.add(CANARIES, &format!("{}\t{piece}", kind.as_str()));
        }
    }
}
