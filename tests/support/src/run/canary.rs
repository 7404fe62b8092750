//! What of a secret is looked for.

/// Shorter texts turn up by chance.
const LEAST: usize = 10;

/// Instructions are words: only longer pieces of them are nobody else's.
const LEAST_OF_WORDS: usize = 24;

/// What secrets begin with that are known by their looks, and how many letters of a token follow at least: these are found
/// whether or not anybody noted them, such as a token that was made and never arrived.
pub(super) const SHAPES: [(Kind, &str, usize); 2] =
    [(Kind::EphemeralToken, "ek_", 32), (Kind::Jwt, "eyJ", 32)];

/// What is secret. Kinds that come with later features (SDP) go here, and tests note them with
/// [`secret`](super::secret) where they make or see one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A setting that may be given as a file, or that a policy names: keys, secrets, credentials of MCP servers.
    Setting,
    /// The password in an address of a database.
    Password,
    /// A token of a user, good or bad: the whole of it, and its signature.
    Jwt,
    /// What was handed out.
    EphemeralToken,
    /// What the model is told, as it went upstream.
    Instructions,
    /// A provider key of a user's own.
    ProviderKey,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Setting,
        Self::Password,
        Self::Jwt,
        Self::EphemeralToken,
        Self::Instructions,
        Self::ProviderKey,
    ];

    /// In lists of canaries, and in what a search finds.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Setting => "secret setting",
            Self::Password => "database password",
            Self::Jwt => "JWT",
            Self::EphemeralToken => "ephemeral token",
            Self::Instructions => "instructions",
            Self::ProviderKey => "provider key",
        }
    }

    /// The kind of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The pieces of a value that stand in a log as they are, whatever it does with quotes, line ends and letters
    /// beyond ASCII.
    pub(super) fn pieces(self, value: &str) -> Vec<&str> {
        let is_written_otherwise = |c: char| !(c.is_ascii_graphic() || c == ' ') || matches!(c, '"' | '\\');
        let mut pieces: Vec<&str> = value.split(is_written_otherwise).map(str::trim).collect();
        if self == Self::Jwt {
            pieces.extend(value.rsplit_once('.').map(|(_, signature)| signature));
        }
        pieces.retain(|piece| match self {
            // Tests fill what has to be long with a letter.
            Self::Instructions => piece.len() >= LEAST_OF_WORDS && piece.contains(' '),
            _ => piece.len() >= LEAST,
        });
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jwt_counts_by_its_signature_too() {
        let pieces = Kind::Jwt.pieces("header.payload.0123456789");
        assert_eq!(pieces, ["header.payload.0123456789", "0123456789"]);
        assert_eq!(Kind::Jwt.pieces("header.payload."), ["header.payload."]);
    }

    #[test]
    fn instructions_count_by_their_lines() {
        let text =
            "Greet the one who is learning.\n\n- Be short.\nSay \"never give the answers away\" first.";
        let pieces = ["Greet the one who is learning.", "never give the answers away"];
        assert_eq!(Kind::Instructions.pieces(text), pieces);
    }

    #[test]
    fn what_turns_up_by_chance_does_not_count() {
        assert_eq!(Kind::Instructions.pieces(&"x".repeat(100)), [""; 0]);
        assert_eq!(Kind::Setting.pieces("secret"), [""; 0]);
        assert_eq!(Kind::Setting.pieces("sk-sim-demo"), ["sk-sim-demo"]);
    }
}
