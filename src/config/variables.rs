//! Every setting by name. A contract test holds the list against `.env.example`, both ways.

/// Whether a setting may also be given as a file's name, under `NAME_FILE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Given as it is.
    Plain,
    /// `NAME` or `NAME_FILE`.
    Secret,
}

/// The names that are read from the environment.
pub const VARIABLES: &[(&str, Kind)] = &[
    ("BIND_ADDR", Kind::Plain),
    ("PORT", Kind::Plain),
    ("METRICS_ADDR", Kind::Plain),
    ("SHUTDOWN_TIMEOUT_MS", Kind::Plain),
    ("DATABASE_URL", Kind::Secret),
    ("DATA_DIR", Kind::Plain),
    ("MIGRATE", Kind::Plain),
    ("STORE_MAX_BATCH", Kind::Plain),
    ("LEDGER_RETENTION_DAYS", Kind::Plain),
    ("OPENAI_API_KEY", Kind::Secret),
    ("OPENAI_BASE_URL", Kind::Plain),
    ("OPENAI_TIMEOUT_MS", Kind::Plain),
    ("OPENAI_ORGANIZATION", Kind::Plain),
    ("OPENAI_PROJECT", Kind::Plain),
    ("JWT_SECRET", Kind::Secret),
    ("JWT_JWKS_URL", Kind::Plain),
    ("JWT_ISSUER", Kind::Plain),
    ("JWT_AUDIENCE", Kind::Plain),
    ("JWT_AUTHORIZED_PARTIES", Kind::Plain),
    ("JWKS_MAX_STALE_SECONDS", Kind::Plain),
    ("JWT_ROLE_CLAIM", Kind::Plain),
    ("JWT_NAME_CLAIM", Kind::Plain),
    ("JWT_LANGUAGE_CLAIM", Kind::Plain),
    ("POLICY_FILE", Kind::Plain),
    ("ALLOWED_ORIGINS", Kind::Plain),
    ("BURST_PER_USER", Kind::Plain),
    ("BURST_PER_IP", Kind::Plain),
    ("TRUSTED_PROXIES", Kind::Plain),
    ("RATE_LIMIT_ON_STORE_ERROR", Kind::Plain),
    ("SAFETY_ID_SECRET", Kind::Secret),
    ("ADMIN_TOKEN", Kind::Secret),
    ("ADMIN_ROLES", Kind::Plain),
    ("ENCRYPTION_KEYS", Kind::Secret),
    ("ENCRYPTION_KEY", Kind::Secret),
    ("PROVIDER_KEY_ROTATION_DAYS", Kind::Plain),
    ("KEY_ROTATION_DAYS", Kind::Plain),
    ("ALERT_WEBHOOK_URL", Kind::Plain),
    ("ALERT_WEBHOOK_SECRET", Kind::Secret),
    ("LOG_FORMAT", Kind::Plain),
    ("RUST_LOG", Kind::Plain),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", Kind::Plain),
    ("OTEL_EXPORTER_OTLP_HEADERS", Kind::Secret),
    ("OTEL_TRACES_SAMPLER", Kind::Plain),
    ("OTEL_TRACES_SAMPLER_ARG", Kind::Plain),
];
