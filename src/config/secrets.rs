//! Secrets that are none.

/// How to get a good one.
pub(super) const MEND: &str = "make a fresh one, for example with `openssl rand -hex 32`";

/// Values from documentation, ours and that of others, which people forget to replace.
const KNOWN: [&str; 4] = [
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "your-super-secret-jwt-token-with-at-least-32-characters-long",
];

/// Whether a secret is from somebody's documentation.
pub(super) fn is_example(secret: &str) -> bool {
    secret.starts_with("change-me") || secret.starts_with("sk-change-me") || KNOWN.contains(&secret)
}
