-- Keys that users have of providers, sealed. Whose they are is said by their user key alone.

-- version: another one whenever the key is replaced or its state changes; every mint compares it with what it was worked
-- out from. sealed: the form's version, the sealing key's id, a nonce, and the key under AES-256-GCM, bound to this table,
-- user and provider. sealing_key is for counting. mask: as people see it. updated_at: when it was last entered.
-- last_used_at: to the hour.
CREATE TABLE provider_keys (
    user_key BLOB NOT NULL CHECK (length(user_key) = 32),
    provider TEXT NOT NULL,
    version BLOB NOT NULL CHECK (length(version) = 16),
    sealed BLOB NOT NULL CHECK (length(sealed) BETWEEN 1 AND 2048),
    sealing_key TEXT NOT NULL,
    mask TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unvalidated', 'valid', 'refused', 'no_quota', 'no_access')),
    refused_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    sealed_at INTEGER NOT NULL,
    last_validated_at INTEGER,
    last_used_at INTEGER,
    PRIMARY KEY (user_key, provider)
) STRICT, WITHOUT ROWID;

-- Counts what each sealing key still holds, and finds what is to be sealed anew.
CREATE INDEX provider_keys_by_sealing_key ON provider_keys (sealing_key, user_key, provider);
