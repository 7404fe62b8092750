-- The whole schema, as all migrations leave it. Nothing runs this file; it is for reading, and a test holds it equal to
-- the migrations. `refinery_schema_history`, where the migrations keep their record, is left out.
--
-- Times are milliseconds since 1970 (UTC). The state of a rolling hour is read from the ledger itself.

CREATE TABLE users (
    user_key BLOB NOT NULL PRIMARY KEY CHECK (length(user_key) = 32),
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT,
    name TEXT,
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    hourly_limit INTEGER CHECK (hourly_limit BETWEEN 0 AND 1000),
    hourly_limit_until INTEGER CHECK (hourly_limit_until IS NULL OR hourly_limit IS NOT NULL)
) STRICT, WITHOUT ROWID;
-- Lists users in the order of their ids' bytes, so that those whose ids begin alike lie together.
CREATE INDEX users_by_id ON users (user_id, user_key);

CREATE TABLE mints (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_key BLOB NOT NULL CHECK (length(user_key) = 32),
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    session_type TEXT NOT NULL,
    model TEXT NOT NULL,
    key_source TEXT NOT NULL CHECK (key_source IN ('operator', 'user')),
    outcome TEXT NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'issued', 'refunded', 'unconfirmed')),
    error_code TEXT,
    latency_ms INTEGER CHECK (latency_ms >= 0),
    request_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Answers "which were this user's newest mints that count" without touching the rows. It has no outcome in it, so that a
-- mint that is issued leaves it as it is.
CREATE INDEX mints_by_user ON mints (user_key, created_at, refunded);

CREATE TABLE refusals (
    user_key BLOB NOT NULL CHECK (length(user_key) = 32),
    code TEXT NOT NULL,
    minute INTEGER NOT NULL,
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (user_key, code, minute)
) STRICT, WITHOUT ROWID;

CREATE VIEW realtime_token_usage AS
    SELECT id, issuer, user_id, role, language, session_type, model, outcome,
           strftime('%Y-%m-%d %H:%M:%f', created_at / 1000.0, 'unixepoch') AS created_at,
           strftime('%Y-%m-%d %H:%M:%f', expires_at / 1000.0, 'unixepoch') AS expires_at
    FROM mints
    WHERE outcome IN ('issued', 'unconfirmed');

-- Whom the audit trail speaks of. Without their row here, nobody knows.
CREATE TABLE pseudonyms (
    user_key BLOB NOT NULL PRIMARY KEY CHECK (length(user_key) = 32),
    pseudonym BLOB NOT NULL UNIQUE CHECK (length(pseudonym) = 16),
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who did what to whom. Rows are never changed; users are named by pseudonyms, which erasure makes meaningless.
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('admin_token', 'user', 'service', 'stranger')),
    actor_pseudonym BLOB,
    address TEXT,
    action TEXT NOT NULL,
    target_pseudonym BLOB,
    detail TEXT CHECK (json_valid(detail)),
    request_id TEXT,
    result TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_rows_stay BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit trail are never changed');
END;
CREATE TRIGGER audit_rows_stay_as_they_are BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit trail are never changed');
END;

-- Erased users whose last hour has not lapsed yet. What counts against it keeps their key until then, or erasing oneself
-- would give a fresh hour. What remains of them in the ledger is kept under the anonymous key, which is random.
CREATE TABLE erasures (
    user_key BLOB NOT NULL PRIMARY KEY CHECK (length(user_key) = 32),
    anonymous_key BLOB NOT NULL CHECK (length(anonymous_key) = 32),
    erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
