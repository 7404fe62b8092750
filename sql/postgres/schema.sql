-- The whole schema, as all migrations leave it. Nothing runs this file; it is for reading, and a test holds it equal to
-- the migrations. `refinery_schema_history`, where the migrations keep their record, is left out.

CREATE TABLE users (
    user_key bytea PRIMARY KEY CHECK (octet_length(user_key) = 32),
    issuer text NOT NULL,
    user_id text NOT NULL,
    role text,
    name text,
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE users IS 'What an operator has decided about a user. Nobody needs a row here.';
COMMENT ON COLUMN users.user_key IS 'SHA-256 of the length-prefixed issuer and subject.';
COMMENT ON COLUMN users.role IS 'Goes before the role that the token claims; null leaves it to the token.';
COMMENT ON COLUMN users.name IS 'Goes before the name that the token claims.';

CREATE TABLE mints (
    id uuid PRIMARY KEY,
    user_key bytea NOT NULL CHECK (octet_length(user_key) = 32),
    issuer text NOT NULL,
    user_id text NOT NULL,
    role text NOT NULL,
    language text NOT NULL,
    session_type text NOT NULL,
    model text NOT NULL,
    key_source text NOT NULL CHECK (key_source IN ('operator', 'user')),
    outcome text NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'issued', 'refunded', 'unconfirmed')),
    error_code text,
    latency_ms integer CHECK (latency_ms >= 0),
    request_id text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz
    -- An outcome is written soon after its row; room on the page keeps that from touching the indexes.
) WITH (fillfactor = 80);
COMMENT ON TABLE mints IS 'The ledger: one row for each token promised, written before the provider is asked.';
COMMENT ON COLUMN mints.outcome IS 'pending: in flight; issued; refunded: surely nothing was handed out; unconfirmed: nobody knows, so it counts.';
COMMENT ON COLUMN mints.latency_ms IS 'From the provider being asked to its answer, in milliseconds.';
COMMENT ON COLUMN mints.expires_at IS 'When the token expires, as the provider said.';
CREATE INDEX mints_by_user ON mints (user_key, created_at DESC);

CREATE TABLE rolling_hours (
    user_key bytea PRIMARY KEY CHECK (octet_length(user_key) = 32),
    stamps timestamptz[] NOT NULL,
    hourly_limit integer NOT NULL CHECK (hourly_limit BETWEEN 0 AND 1000),
    seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE rolling_hours IS 'What each user has spent of their hour: the created_at of the mints that count, oldest first.';
COMMENT ON COLUMN rolling_hours.hourly_limit IS 'The limit at the latest attempt.';
COMMENT ON COLUMN rolling_hours.seen_at IS 'The time of the latest attempt: for one user, time never goes back.';

CREATE TABLE refusals (
    user_key bytea NOT NULL CHECK (octet_length(user_key) = 32),
    code text NOT NULL,
    minute timestamptz NOT NULL,
    issuer text NOT NULL,
    user_id text NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (user_key, code, minute)
);
COMMENT ON TABLE refusals IS 'How often a user was refused, by error code and minute.';

CREATE VIEW realtime_token_usage AS
    SELECT id, issuer, user_id, role, language, session_type, model, outcome, created_at, expires_at
    FROM mints
    WHERE outcome IN ('issued', 'unconfirmed');
COMMENT ON VIEW realtime_token_usage IS 'Tokens that were handed out, or may have been.';
