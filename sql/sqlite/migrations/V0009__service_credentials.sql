-- Backends of the operator's own, and acts of theirs in the audit trail.

-- Backends that may act for users. Their secrets are kept by nobody but themselves: digest is SHA-256 of 256 random bits.
-- previous_digest: the secret before the last rotation, good until previous_until. scopes: what it may do (keys:read, mint).
-- providers: those whose keys it may read. Both with commas between. last_used_at: to the hour.
CREATE TABLE service_credentials (
    name TEXT NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    previous_digest BLOB UNIQUE CHECK (length(previous_digest) = 32),
    previous_until INTEGER CHECK ((previous_until IS NULL) = (previous_digest IS NULL)),
    scopes TEXT NOT NULL,
    providers TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

-- A check can't be changed in place.
ALTER TABLE audit RENAME TO audit_before;
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('admin_token', 'user', 'service_credential', 'command', 'service', 'stranger')),
    actor_pseudonym BLOB,
    address TEXT,
    action TEXT NOT NULL,
    target_pseudonym BLOB,
    detail TEXT CHECK (json_valid(detail)),
    request_id TEXT,
    result TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0)
) STRICT, WITHOUT ROWID;
INSERT INTO audit (id, at, actor, actor_pseudonym, address, action, target_pseudonym, detail, request_id, result, count)
SELECT id, at, actor, actor_pseudonym, address, action, target_pseudonym, detail, request_id, result, count FROM audit_before;
DROP TABLE audit_before;
CREATE TRIGGER audit_rows_stay BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit trail are never changed');
END;
CREATE TRIGGER audit_rows_stay_as_they_are BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit trail are never changed');
END;
