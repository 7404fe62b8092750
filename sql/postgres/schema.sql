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
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    hourly_limit integer CHECK (hourly_limit BETWEEN 0 AND 1000),
    hourly_limit_until timestamptz CHECK (hourly_limit_until IS NULL OR hourly_limit IS NOT NULL)
);
COMMENT ON TABLE users IS 'What an operator has decided about a user. Nobody needs a row here.';
COMMENT ON COLUMN users.user_key IS 'SHA-256 of the length-prefixed issuer and subject.';
COMMENT ON COLUMN users.role IS 'Goes before the role that the token claims; null leaves it to the token.';
COMMENT ON COLUMN users.name IS 'Goes before the name that the token claims.';
COMMENT ON COLUMN users.hourly_limit IS 'Tokens in any sixty minutes; goes before the limit of the role. Null leaves it to the role.';
COMMENT ON COLUMN users.hourly_limit_until IS 'From then on the limit of the role holds again; null: never.';
-- Lists users in the order of their ids' bytes, so that those whose ids begin alike lie together.
CREATE INDEX users_by_id ON users (user_id COLLATE "C", user_key);

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

COMMENT ON COLUMN mints.user_id IS 'The user, by the sub of their token. Empty where they were erased; their key is a random one then.';

CREATE TABLE pseudonyms (
    user_key bytea PRIMARY KEY CHECK (octet_length(user_key) = 32),
    pseudonym uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    issuer text NOT NULL,
    user_id text NOT NULL
);
COMMENT ON TABLE pseudonyms IS 'Whom the audit trail speaks of. Without their row here, nobody knows.';

CREATE TABLE audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL CHECK (actor IN ('admin_token', 'user', 'service', 'stranger')),
    actor_pseudonym uuid,
    address text,
    action text NOT NULL,
    target_pseudonym uuid,
    detail jsonb,
    request_id text,
    result text NOT NULL,
    count bigint NOT NULL DEFAULT 1 CHECK (count > 0)
);
COMMENT ON TABLE audit IS 'Who did what to whom. Rows are never changed; users are named by pseudonyms, which erasure makes meaningless.';
COMMENT ON COLUMN audit.actor IS 'Who did it: the holder of ADMIN_TOKEN, a user, the service by itself, or somebody unknown.';
COMMENT ON COLUMN audit.address IS 'Where the request came from; null for the service itself and for what users do to their own data.';
COMMENT ON COLUMN audit.result IS '"done", or the error code of a refusal.';
COMMENT ON COLUMN audit.count IS 'How often: refusals of one kind are counted by the minute.';

CREATE FUNCTION refuse_to_change_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of the audit trail are never changed';
END
$$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit();

CREATE TABLE erasures (
    user_key bytea PRIMARY KEY CHECK (octet_length(user_key) = 32),
    anonymous_key bytea NOT NULL CHECK (octet_length(anonymous_key) = 32),
    erased_at timestamptz NOT NULL
);
COMMENT ON TABLE erasures IS 'Erased users whose last hour has not lapsed yet. What counts against it keeps their key until then, or erasing oneself would give a fresh hour.';
COMMENT ON COLUMN erasures.anonymous_key IS 'Random; what remains of the user in the ledger is kept under it.';
