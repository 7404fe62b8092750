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
INSERT INTO rollup_state (closed_until, kept_from) VALUES ('epoch', 'epoch');

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
INSERT INTO latency_edges (up_to_ms)
VALUES (50), (100), (150), (200), (300), (400), (500), (750), (1000), (1500), (2000), (3000), (5000), (7500), (10000), (15000),
       (20000), (30000), (2147483647);

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
