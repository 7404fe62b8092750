-- Backends of the operator's own, and acts of theirs in the audit trail.

CREATE TABLE service_credentials (
    name text PRIMARY KEY,
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    previous_digest bytea UNIQUE CHECK (octet_length(previous_digest) = 32),
    previous_until timestamptz CHECK ((previous_until IS NULL) = (previous_digest IS NULL)),
    scopes text[] NOT NULL,
    providers text[] NOT NULL,
    created_at timestamptz NOT NULL,
    rotated_at timestamptz NOT NULL,
    last_used_at timestamptz
);
COMMENT ON TABLE service_credentials IS 'Backends that may act for users. Their secrets are kept by nobody but themselves.';
COMMENT ON COLUMN service_credentials.digest IS 'SHA-256 of the secret: 256 random bits, so that nobody finds it by trying.';
COMMENT ON COLUMN service_credentials.previous_digest IS 'The secret before the last rotation, good until previous_until.';
COMMENT ON COLUMN service_credentials.scopes IS 'What it may do: keys:read, mint.';
COMMENT ON COLUMN service_credentials.providers IS 'The providers whose keys it may read.';
COMMENT ON COLUMN service_credentials.last_used_at IS 'To the hour.';

ALTER TABLE audit
    DROP CONSTRAINT audit_actor_check,
    ADD CONSTRAINT audit_actor_check
        CHECK (actor IN ('admin_token', 'user', 'service_credential', 'command', 'service', 'stranger'));
COMMENT ON COLUMN audit.actor IS 'Who did it: the holder of ADMIN_TOKEN, a user, a backend (the detail names it), whoever runs commands on the server, the service by itself, or somebody unknown.';
