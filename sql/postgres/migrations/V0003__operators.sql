-- What operators decide about users, who decided what, and users who were erased.

ALTER TABLE users
    ADD COLUMN hourly_limit integer CHECK (hourly_limit BETWEEN 0 AND 1000),
    ADD COLUMN hourly_limit_until timestamptz CHECK (hourly_limit_until IS NULL OR hourly_limit IS NOT NULL);
COMMENT ON COLUMN users.hourly_limit IS 'Tokens in any sixty minutes; goes before the limit of the role. Null leaves it to the role.';
COMMENT ON COLUMN users.hourly_limit_until IS 'From then on the limit of the role holds again; null: never.';
-- Lists users in the order of their ids' bytes, so that those whose ids begin alike lie together.
CREATE INDEX users_by_id ON users (user_id COLLATE "C", user_key);

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

-- Finds the days of whoever is erased.
CREATE INDEX user_days_by_key ON user_days (user_key);
