//! The algorithms that signatures may be made with.

pub use jsonwebtoken::Algorithm;

/// The name of the one algorithm under a shared secret.
pub const UNDER_A_SECRET: &str = "HS256";

/// The algorithms under a key set, by their names. HS256 is not among them: it is for shared secrets only.
pub const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// The algorithm of this name, if it is one for key sets.
pub fn algorithm(name: &str) -> Option<Algorithm> {
    ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}

/// All of them: what an issuer with a key set may use where nothing narrower is said.
pub fn asymmetric() -> Vec<Algorithm> {
    ALGORITHMS.iter().map(|(_, algorithm)| *algorithm).collect()
}
