//! Whether this is somebody's own machine, with one developer, or a place with users.

use super::environment::Environment;
use super::limits::Limits;
use super::reader::Reader;
use super::server::Server;

/// Whom the service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One developer, on the machine that it runs on.
    Local,
    /// Users. Each has what is stored for them, and nothing else.
    Deployed,
}

/// What is said and seen of where this runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// `DEPLOY_ENV`: what the place is called; none on a developer's machine.
    pub name: Option<String>,
    /// `DEBUG`
    pub is_debug: bool,
    /// How others reach the service; none where nobody does but this machine.
    pub reached: Option<Reached>,
}

/// How others reach the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reached {
    /// By the address that it listens on.
    #[error("BIND_ADDR is reached from other machines")]
    ByAddress,
    /// Through a proxy.
    #[error("TRUSTED_PROXIES says that a proxy stands before it")]
    ThroughProxy,
}

/// What contradicts itself. Deployed mode holds then, which is the one that hands out less.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A place with a name, and debugging.
    #[error("true, as on a developer's machine, while DEPLOY_ENV says that this is `{0}`")]
    DebugInDeployment(String),
    /// A developer's machine, and others who reach it.
    #[error("not set, as on a developer's machine, while {0}")]
    LocalButReached(Reached),
}

impl Contradiction {
    /// The setting that it is about.
    pub const fn at(&self) -> &'static str {
        match self {
            Self::DebugInDeployment(_) => "DEBUG",
            Self::LocalButReached(_) => "DEPLOY_ENV",
        }
    }

    /// What to do about it.
    pub const fn mend(&self) -> &'static str {
        match self {
            Self::DebugInDeployment(_) => "unset DEBUG, or DEPLOY_ENV on a developer's machine",
            Self::LocalButReached(Reached::ByAddress) => {
                "set DEPLOY_ENV to a name such as production, or BIND_ADDR to 127.0.0.1:8080"
            }
            Self::LocalButReached(Reached::ThroughProxy) => {
                "set DEPLOY_ENV to a name such as production, or unset TRUSTED_PROXIES"
            }
        }
    }
}

impl Deployment {
    /// Reads what is said, and sees who reaches it.
    pub fn read(reader: &mut Reader<'_>, server: &Server, limits: &Limits) -> Option<Self> {
        let name = name(reader);
        let is_debug = reader.choice("DEBUG", &[("false", false), ("true", true)]);
        let reached = if !server.bind.ip().to_canonical().is_loopback() {
            Some(Reached::ByAddress)
        } else if !limits.proxies.is_empty() {
            Some(Reached::ThroughProxy)
        } else {
            None
        };
        Some(Self { name: name?, is_debug: is_debug?, reached })
    }

    /// The same by itself; none where the settings that it depends on can't be understood.
    pub fn of(environment: &Environment) -> Option<Self> {
        let mut reader = Reader::new(environment);
        let (server, limits) = (Server::read(&mut reader)?, Limits::read(&mut reader)?);
        Self::read(&mut reader, &server, &limits)
    }

    /// On a developer's own machine, as the demo is.
    pub const fn local() -> Self {
        Self { name: None, is_debug: false, reached: None }
    }

    /// The mode that holds.
    pub fn mode(&self) -> Mode {
        match (&self.name, self.reached) {
            (None, None) => Mode::Local,
            _ => Mode::Deployed,
        }
    }

    /// What contradicts itself, if anything does.
    pub fn contradiction(&self) -> Option<Contradiction> {
        match (&self.name, self.reached) {
            (Some(name), _) if self.is_debug => Some(Contradiction::DebugInDeployment(name.clone())),
            (None, Some(reached)) => Some(Contradiction::LocalButReached(reached)),
            _ => None,
        }
    }
}

/// `DEPLOY_ENV`. A word that says the opposite of what setting it means is a slip.
fn name(reader: &mut Reader<'_>) -> Option<Option<String>> {
    const NAME: &str = "DEPLOY_ENV";
    let Some(name) = reader.text(NAME) else {
        return Some(None);
    };
    let fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || name.len() > 32 || !name.bytes().all(fit) {
        let mend = "write a name such as production: 1 to 32 of a-z, 0-9, _ and -, a letter first";
        return reader.wrong(NAME, format!("`{name}` is not a name"), mend);
    }
    if ["local", "none", "false", "off", "no"].contains(&name) {
        let problem = format!("`{name}`: any name at all means that this is deployed");
        return reader.wrong(NAME, problem, "unset it on a developer's machine");
    }
    Some(Some(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Option<Deployment> {
        Deployment::of(&settings.iter().copied().collect())
    }

    #[test]
    fn the_mode_is_local_only_where_nobody_else_is() {
        let lan = ("BIND_ADDR", "0.0.0.0:8080");
        let mapped = ("BIND_ADDR", "[::ffff:127.0.0.1]:8080");
        let proxy = ("TRUSTED_PROXIES", "10.0.0.1");
        let production = ("DEPLOY_ENV", "production");
        let debug = ("DEBUG", "true");
        for (settings, mode, at) in [
            (&[][..], Mode::Local, None),
            (&[debug][..], Mode::Local, None),
            (&[mapped][..], Mode::Local, None),
            (&[production][..], Mode::Deployed, None),
            (&[production, lan, proxy][..], Mode::Deployed, None),
            (&[production, ("DEBUG", "false")][..], Mode::Deployed, None),
            (&[lan][..], Mode::Deployed, Some("DEPLOY_ENV")),
            (&[debug, lan][..], Mode::Deployed, Some("DEPLOY_ENV")),
            (&[proxy][..], Mode::Deployed, Some("DEPLOY_ENV")),
            (&[production, debug][..], Mode::Deployed, Some("DEBUG")),
            (&[production, debug, lan][..], Mode::Deployed, Some("DEBUG")),
        ] {
            let read = read(settings).unwrap();
            let contradiction = read.contradiction();
            assert_eq!(
                (read.mode(), contradiction.as_ref().map(Contradiction::at)),
                (mode, at),
                "{settings:?}"
            );
        }
    }

    #[test]
    fn slips_are_refused() {
        let long = "x".repeat(33);
        for name in ["Production", "2nd", "a b", "é", "local", "off", &long] {
            assert_eq!(read(&[("DEPLOY_ENV", name)]), None, "{name}");
        }
        assert_eq!(read(&[("DEBUG", "1")]), None);
        assert!(read(&[("DEPLOY_ENV", &"x".repeat(32))]).is_some());
    }
}
