-- What operators decide about users, who decided what, and users who were erased.

-- Tokens in any sixty minutes; goes before the limit of the role, until that time where there is one.
ALTER TABLE users ADD COLUMN hourly_limit INTEGER CHECK (hourly_limit BETWEEN 0 AND 1000);
ALTER TABLE users ADD COLUMN hourly_limit_until INTEGER CHECK (hourly_limit_until IS NULL OR hourly_limit IS NOT NULL);
-- Lists users in the order of their ids' bytes, so that those whose ids begin alike lie together.
CREATE INDEX users_by_id ON users (user_id, user_key);

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

-- Finds the days of whoever is erased.
CREATE INDEX user_days_by_key ON user_days (user_key);
