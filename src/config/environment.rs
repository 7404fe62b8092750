//! The environment as an argument.

use std::collections::BTreeMap;
use std::path::Path;

use crate::policy::Mistake;

/// Settings by name.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The file of settings in the working directory.
    pub const FILE: &str = ".env";

    /// The process's own environment, over what `.env` in the working directory says.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the process's environment")]
    pub fn of_process() -> Result<Self, Mistake> {
        let mut settings = Self::file(Path::new(Self::FILE))?;
        settings.0.extend(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        );
        Ok(settings)
    }

    /// The settings in a file, none where there is no file.
    pub fn file(path: &Path) -> Result<Self, Mistake> {
        let mistake = |problem: String| Mistake {
            at: path.display().to_string(),
            problem,
            mend: "write NAME=value lines, as in .env.example; quote values that have spaces in them"
                .to_owned(),
        };
        let lines = match dotenvy::from_path_iter(path) {
            Ok(lines) => lines,
            Err(error) if error.not_found() => return Ok(Self::default()),
            Err(_) => return Err(mistake("the file can't be read".to_owned())),
        };
        // The library's message would quote the line, which may hold a secret.
        lines
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|_| mistake("a line can't be understood".to_owned()))
    }

    /// The names that are set, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a secret is set, as it is or by a file's name.
    pub fn has_secret(&self, name: &str) -> bool {
        self.get(name).or(self.get(&format!("{name}_FILE"))).is_some()
    }

    /// The value of a setting; one that is empty counts as unset.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(settings: I) -> Self {
        Self(settings.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
