//! Who pays the provider.

/// Whose provider key pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// The operator's.
    Operator,
    /// The user's own.
    User,
}

impl KeySource {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Operator, Self::User];

    /// As the ledger, answers and metrics have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::User => "user",
        }
    }
}
