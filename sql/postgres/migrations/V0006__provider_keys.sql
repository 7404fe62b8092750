-- Keys that users have of providers, sealed. Whose they are is said by their user key alone.

CREATE TABLE provider_keys (
    user_key bytea NOT NULL CHECK (octet_length(user_key) = 32),
    provider text NOT NULL,
    version uuid NOT NULL DEFAULT gen_random_uuid(),
    sealed bytea NOT NULL CHECK (octet_length(sealed) BETWEEN 1 AND 2048),
    sealing_key text NOT NULL,
    mask text NOT NULL,
    state text NOT NULL CHECK (state IN ('unvalidated', 'valid', 'refused', 'no_quota', 'no_access')),
    refused_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    sealed_at timestamptz NOT NULL,
    last_validated_at timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (user_key, provider)
);
COMMENT ON TABLE provider_keys IS 'Keys that users have of providers. None is ever stored unsealed.';
COMMENT ON COLUMN provider_keys.version IS 'Another one whenever the key is replaced or its state changes. Every mint compares it with what it was worked out from.';
COMMENT ON COLUMN provider_keys.sealed IS 'The form''s version, the sealing key''s id, a nonce, and the key under AES-256-GCM, bound to this table, user and provider.';
COMMENT ON COLUMN provider_keys.sealing_key IS 'The id of the sealing key, for counting; what opens it is said in the sealed bytes.';
COMMENT ON COLUMN provider_keys.mask IS 'As people see it: how it begins and its last four characters.';
COMMENT ON COLUMN provider_keys.state IS 'What the provider last said of it: refused: it is not valid; no_quota; no_access: it may not open voice sessions.';
COMMENT ON COLUMN provider_keys.updated_at IS 'When it was last entered.';
COMMENT ON COLUMN provider_keys.last_used_at IS 'To the hour.';
-- Counts what each sealing key still holds, and finds what is to be sealed anew.
CREATE INDEX provider_keys_by_sealing_key ON provider_keys (sealing_key, user_key, provider);
