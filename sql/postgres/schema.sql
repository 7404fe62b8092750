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

-- Alerts of our own, and what one of them is decided by.

CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    rule text NOT NULL,
    kind text NOT NULL,
    about bytea NOT NULL,
    subject text NOT NULL,
    window_start timestamptz NOT NULL,
    window_end timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    value double precision NOT NULL,
    threshold double precision NOT NULL,
    summary text NOT NULL,
    delivery text NOT NULL CHECK (delivery IN ('none', 'pending', 'delivered', 'given_up')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    delivered_at timestamptz,
    -- Whoever inserts first raises it, on whichever replica.
    UNIQUE (rule, window_start, window_end, about)
);
COMMENT ON TABLE alerts IS 'Alerts that rules of the policy raised: one for each rule, window and subject.';
COMMENT ON COLUMN alerts.about IS 'What tells subjects apart: a user''s key (a random one where they were erased), the bytes of an address, or nothing.';
COMMENT ON COLUMN alerts.subject IS 'The user or address that it is about; empty where it is about none, or the user was erased.';
COMMENT ON COLUMN alerts.summary IS 'What happened, in a sentence. Names nobody.';
COMMENT ON COLUMN alerts.delivery IS 'none: there was no webhook when it was raised; pending; delivered; given_up: the webhook did not take it for too long.';
COMMENT ON COLUMN alerts.due_at IS 'Where pending: from then on the next attempt may be made. An attempt moves it first, so that no two replicas make one.';
-- The few that wait, in their order.
CREATE INDEX alerts_due ON alerts (due_at) WHERE delivery = 'pending';
-- Finds the alerts about whoever is erased.
CREATE INDEX alerts_by_subject ON alerts (about);

CREATE TABLE failed_authentications (
    minute timestamptz NOT NULL,
    address text NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (minute, address)
);
COMMENT ON TABLE failed_authentications IS 'Credentials that were refused, by address (IPv6 by /64) and minute. Only while a rule asks for it, and for two days.';

-- Rollups of the ledger by quarter hour, and views on them.
--
-- `rollup_state.closed_until` parts the past in two. Before it, counts stand in the tables of rollups; from it on, they are
-- read from the ledger. The views do both, in one statement and so of one moment.
--
-- Why nothing is lost: a quarter is closed 15 minutes after its end, in one transaction that counts it and moves
-- closed_until over it. Every statement of ours that changes a row which is older than 5 minutes leaves a mark in
-- `rollup_marks`, in its own transaction; a marked quarter that is closed is counted again, from the ledger, whole. A
-- change without a mark would have to be under way for ten minutes, and statements end within seconds. Whoever changes the
-- ledger by hand leaves marks by hand: INSERT INTO rollup_marks (quarter) SELECT DISTINCT date_bin(…) ….
--
-- Calls, their minutes and their money will have tables of their own beside these, closed by the same job.

-- Which mints were made in a quarter of an hour. New rows come at its end.
CREATE INDEX mints_by_time ON mints (created_at);
CREATE INDEX refusals_by_minute ON refusals (minute);

CREATE TABLE rollup_state (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    closed_until timestamptz NOT NULL,
    kept_from timestamptz NOT NULL
);
COMMENT ON TABLE rollup_state IS 'How far the rollups are. One row.';
COMMENT ON COLUMN rollup_state.closed_until IS 'Quarters before this time stand in the rollups. 1970 before the first is closed.';
COMMENT ON COLUMN rollup_state.kept_from IS 'Before this time (a UTC midnight) the ledger may be deleted: nothing is counted again there.';

CREATE TABLE rollup_marks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    quarter timestamptz NOT NULL
);
COMMENT ON TABLE rollup_marks IS 'Quarters in which something changed late. Many rows may name one: a unique key would make mints wait for each other.';

CREATE TABLE mint_quarters (
    quarter timestamptz NOT NULL,
    role text NOT NULL,
    language text NOT NULL,
    session_type text NOT NULL,
    model text NOT NULL,
    key_source text NOT NULL,
    outcome text NOT NULL,
    error_code text NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (quarter, role, language, session_type, model, key_source, outcome, error_code)
);
COMMENT ON TABLE mint_quarters IS 'Mints by quarter hour. Read usage_mints, which has the open quarters too.';
COMMENT ON COLUMN mint_quarters.error_code IS 'Why it was not issued; empty where it was.';

CREATE TABLE latency_edges (
    up_to_ms integer PRIMARY KEY
);
COMMENT ON TABLE latency_edges IS 'Upper edges of the latency histograms, in ms; the last one is for whatever took longer than 30 s.';

CREATE TABLE latency_quarters (
    quarter timestamptz NOT NULL,
    role text NOT NULL,
    model text NOT NULL,
    outcome text NOT NULL,
    up_to_ms integer NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    total_ms bigint NOT NULL CHECK (total_ms >= 0),
    PRIMARY KEY (quarter, role, model, outcome, up_to_ms)
);
COMMENT ON TABLE latency_quarters IS 'Histograms of the time that the provider took, by quarter hour. The ledger has neither the whole time nor the store''s: those are in the metrics.';
COMMENT ON COLUMN latency_quarters.up_to_ms IS 'The bucket: no longer than this, and longer than the edge before.';

CREATE TABLE refusal_quarters (
    quarter timestamptz NOT NULL,
    code text NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (quarter, code)
);
COMMENT ON TABLE refusal_quarters IS 'Refusals by quarter hour and error code.';

CREATE TABLE user_days (
    day date NOT NULL,
    user_key bytea NOT NULL CHECK (octet_length(user_key) = 32),
    role text NOT NULL,
    issuer text NOT NULL,
    user_id text NOT NULL,
    mints bigint NOT NULL,
    tokens bigint NOT NULL,
    early bigint NOT NULL,
    late bigint NOT NULL,
    PRIMARY KEY (day, user_key, role)
);
COMMENT ON TABLE user_days IS 'Who minted on a day (UTC), by role. Of today only what is closed.';
COMMENT ON COLUMN user_days.tokens IS 'Mints that were issued, or may have been.';
COMMENT ON COLUMN user_days.early IS 'Quarters from 00:00 to 12:00 UTC in which there were tokens: bit 0 is 00:00. So days of any zone can be told apart.';
COMMENT ON COLUMN user_days.late IS 'The same from 12:00 to 24:00: bit 0 is 12:00.';
CREATE INDEX user_days_by_user ON user_days (user_id);
CREATE INDEX user_days_by_key ON user_days (user_key);

CREATE TABLE user_numbers (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_key bytea NOT NULL UNIQUE CHECK (octet_length(user_key) = 32),
    issuer text NOT NULL,
    user_id text NOT NULL
);
COMMENT ON TABLE user_numbers IS 'What users are called in packed_days. Numbers are dense: reports have arrays by them.';

CREATE TABLE packed_days (
    day date PRIMARY KEY,
    users bytea NOT NULL
);
ALTER TABLE packed_days ALTER COLUMN users SET STORAGE EXTERNAL;
COMMENT ON TABLE packed_days IS 'What user_days has of closed days (UTC), put together. It can be deleted: it is made again.';
COMMENT ON COLUMN packed_days.users IS 'By role and number of the user; src/store/packed.rs says how.';

CREATE VIEW usage_mints AS
    SELECT quarter, role, language, session_type, model, key_source, outcome, error_code, count
    FROM mint_quarters
    WHERE quarter < (SELECT closed_until FROM rollup_state)
    UNION ALL
    SELECT date_bin('15 minutes', created_at, 'epoch'), role, language, session_type, model, key_source, outcome,
           coalesce(error_code, ''), count(*)
    FROM mints
    WHERE created_at >= (SELECT closed_until FROM rollup_state)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
COMMENT ON VIEW usage_mints IS 'Mints by quarter hour, up to now. A quarter without any has no row.';

CREATE VIEW usage_latencies AS
    SELECT quarter, role, model, outcome, up_to_ms, count, total_ms
    FROM latency_quarters
    WHERE quarter < (SELECT closed_until FROM rollup_state)
    UNION ALL
    SELECT date_bin('15 minutes', m.created_at, 'epoch'), m.role, m.model, m.outcome,
           (SELECT min(e.up_to_ms) FROM latency_edges e WHERE e.up_to_ms >= m.latency_ms), count(*), sum(m.latency_ms)
    FROM mints m
    WHERE m.created_at >= (SELECT closed_until FROM rollup_state) AND m.latency_ms IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW usage_latencies IS 'Histograms of the time that the provider took, by quarter hour, up to now.';

CREATE VIEW usage_refusals AS
    SELECT quarter, code, count
    FROM refusal_quarters
    WHERE quarter < (SELECT closed_until FROM rollup_state)
    UNION ALL
    SELECT date_bin('15 minutes', minute, 'epoch'), code, sum(count)::bigint
    FROM refusals
    WHERE minute >= (SELECT closed_until FROM rollup_state)
    GROUP BY 1, 2;
COMMENT ON VIEW usage_refusals IS 'Refusals by quarter hour and error code, up to now.';

CREATE VIEW usage_user_days AS
    SELECT day, user_key, role, issuer, user_id, mints, tokens, early, late FROM user_days
    UNION ALL
    SELECT (m.created_at AT TIME ZONE 'UTC')::date, m.user_key, m.role, m.issuer, m.user_id, count(*),
           count(*) FILTER (WHERE t.is_token),
           coalesce(bit_or(1::bigint << q.n) FILTER (WHERE t.is_token AND q.n < 48), 0),
           coalesce(bit_or(1::bigint << (q.n - 48)) FILTER (WHERE t.is_token AND q.n >= 48), 0)
    FROM mints m,
         LATERAL (SELECT (floor(extract(epoch FROM m.created_at))::bigint / 900 % 96)::int AS n) q,
         LATERAL (SELECT m.outcome IN ('issued', 'unconfirmed') AS is_token) t
    WHERE m.created_at >= (SELECT closed_until FROM rollup_state)
    GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW usage_user_days IS 'Who minted on a day (UTC), up to now. A user may have several rows for a day: add them up.';

CREATE VIEW daily_mints AS
    SELECT (quarter AT TIME ZONE 'UTC')::date AS day, role, language, model, key_source,
           sum(count)::bigint AS mints,
           coalesce(sum(count) FILTER (WHERE outcome IN ('issued', 'unconfirmed')), 0)::bigint AS tokens
    FROM usage_mints GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW daily_mints IS 'Mints by day (UTC), role, language, model and whose key paid. Tokens: handed out, or may have been.';

CREATE VIEW hourly_outcomes AS
    SELECT hour, sum(issued)::bigint AS issued, sum(refunded)::bigint AS refunded, sum(unconfirmed)::bigint AS unconfirmed,
           sum(pending)::bigint AS pending, sum(refused)::bigint AS refused,
           round((sum(refunded) + sum(unconfirmed))
                 / nullif(sum(issued) + sum(refunded) + sum(unconfirmed), 0), 4) AS error_rate
    FROM (
        SELECT date_trunc('hour', quarter, 'UTC') AS hour,
               CASE WHEN outcome = 'issued' THEN count ELSE 0 END AS issued,
               CASE WHEN outcome = 'refunded' THEN count ELSE 0 END AS refunded,
               CASE WHEN outcome = 'unconfirmed' THEN count ELSE 0 END AS unconfirmed,
               CASE WHEN outcome = 'pending' THEN count ELSE 0 END AS pending,
               0::bigint AS refused
        FROM usage_mints
        UNION ALL
        SELECT date_trunc('hour', quarter, 'UTC'), 0, 0, 0, 0, count FROM usage_refusals
    ) parts
    GROUP BY hour;
COMMENT ON VIEW hourly_outcomes IS 'What became of mints, and refusals, by hour (UTC). error_rate: refunded and unconfirmed among all that ended.';

CREATE VIEW daily_latency AS
    SELECT day, model, sum(count)::bigint AS mints, round(sum(total_ms) / sum(count)) AS mean_ms,
           min(up_to_ms) FILTER (WHERE reached >= 0.5 * whole) AS p50_up_to_ms,
           min(up_to_ms) FILTER (WHERE reached >= 0.95 * whole) AS p95_up_to_ms,
           min(up_to_ms) FILTER (WHERE reached >= 0.99 * whole) AS p99_up_to_ms
    FROM (
        SELECT day, model, up_to_ms, count, total_ms, sum(count) OVER (PARTITION BY day, model ORDER BY up_to_ms) AS reached,
               sum(count) OVER (PARTITION BY day, model) AS whole
        FROM (
            SELECT (quarter AT TIME ZONE 'UTC')::date AS day, model, up_to_ms, sum(count) AS count, sum(total_ms) AS total_ms
            FROM usage_latencies GROUP BY 1, 2, 3
        ) days
    ) steps
    GROUP BY day, model;
COMMENT ON VIEW daily_latency IS 'How long the provider took, by day (UTC) and model. Percentiles are upper edges of their buckets.';

CREATE VIEW daily_active_users AS
    SELECT day, count(DISTINCT user_key) AS users, sum(tokens)::bigint AS tokens,
           round(sum(tokens) / count(DISTINCT user_key), 2) AS tokens_per_user
    FROM usage_user_days WHERE tokens > 0 GROUP BY day;
COMMENT ON VIEW daily_active_users IS 'Users who got tokens, by day (UTC).';

CREATE VIEW weekly_active_users AS
    SELECT date_trunc('week', day::timestamp)::date AS week, count(DISTINCT user_key) AS users, sum(tokens)::bigint AS tokens,
           round(sum(tokens) / count(DISTINCT user_key), 2) AS tokens_per_user
    FROM usage_user_days WHERE tokens > 0 GROUP BY 1;
COMMENT ON VIEW weekly_active_users IS 'Users who got tokens, by week (UTC), which is named by its Monday.';

CREATE VIEW monthly_active_users AS
    SELECT date_trunc('month', day::timestamp)::date AS month, count(DISTINCT user_key) AS users, sum(tokens)::bigint AS tokens,
           round(sum(tokens) / count(DISTINCT user_key), 2) AS tokens_per_user
    FROM usage_user_days WHERE tokens > 0 GROUP BY 1;
COMMENT ON VIEW monthly_active_users IS 'Users who got tokens, by month (UTC), which is named by its first day.';

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

CREATE TABLE personal_settings (
    user_key bytea PRIMARY KEY CHECK (octet_length(user_key) = 32),
    version uuid NOT NULL DEFAULT gen_random_uuid(),
    document text NOT NULL CHECK (octet_length(document) <= 131072),
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE personal_settings IS 'What users have set for their own conversations.';
COMMENT ON COLUMN personal_settings.version IS 'Another one whenever anything is set. Every mint compares it with what it was worked out from.';
COMMENT ON COLUMN personal_settings.document IS 'A JSON object, as text: jsonb knows no character 0, which a schema of a tool may have.';
