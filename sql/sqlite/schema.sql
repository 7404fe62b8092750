-- The whole schema, as all migrations leave it. Nothing runs this file; it is for reading, and a test holds it equal to
-- the migrations. `refinery_schema_history`, where the migrations keep their record, is left out.
--
-- Times are milliseconds since 1970 (UTC). The state of a rolling hour is read from the ledger itself.

CREATE TABLE users (
    user_key BLOB NOT NULL PRIMARY KEY CHECK (length(user_key) = 32),
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT,
    name TEXT,
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    hourly_limit INTEGER CHECK (hourly_limit BETWEEN 0 AND 1000),
    hourly_limit_until INTEGER CHECK (hourly_limit_until IS NULL OR hourly_limit IS NOT NULL)
) STRICT, WITHOUT ROWID;
-- Lists users in the order of their ids' bytes, so that those whose ids begin alike lie together.
CREATE INDEX users_by_id ON users (user_id, user_key);

CREATE TABLE mints (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_key BLOB NOT NULL CHECK (length(user_key) = 32),
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    session_type TEXT NOT NULL,
    model TEXT NOT NULL,
    key_source TEXT NOT NULL CHECK (key_source IN ('operator', 'user')),
    outcome TEXT NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'issued', 'refunded', 'unconfirmed')),
    error_code TEXT,
    latency_ms INTEGER CHECK (latency_ms >= 0),
    request_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Answers "which were this user's newest mints that count" without touching the rows. It has no outcome in it, so that a
-- mint that is issued leaves it as it is.
CREATE INDEX mints_by_user ON mints (user_key, created_at, refunded);

CREATE TABLE refusals (
    user_key BLOB NOT NULL CHECK (length(user_key) = 32),
    code TEXT NOT NULL,
    minute INTEGER NOT NULL,
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (user_key, code, minute)
) STRICT, WITHOUT ROWID;

CREATE VIEW realtime_token_usage AS
    SELECT id, issuer, user_id, role, language, session_type, model, outcome,
           strftime('%Y-%m-%d %H:%M:%f', created_at / 1000.0, 'unixepoch') AS created_at,
           strftime('%Y-%m-%d %H:%M:%f', expires_at / 1000.0, 'unixepoch') AS expires_at
    FROM mints
    WHERE outcome IN ('issued', 'unconfirmed');

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

-- Alerts of our own, and what one of them is decided by.

-- Alerts that rules of the policy raised: one for each rule, window and subject.
-- about tells subjects apart: a user's key (a random one where they were erased), the bytes of an address, or nothing.
-- subject is the user or address that it is about; empty where it is about none, or the user was erased.
-- summary names nobody. due_at: where pending, from then on the next attempt may be made.
CREATE TABLE alerts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    rule TEXT NOT NULL,
    kind TEXT NOT NULL,
    about BLOB NOT NULL,
    subject TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    window_end INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    value REAL NOT NULL,
    threshold REAL NOT NULL,
    summary TEXT NOT NULL,
    delivery TEXT NOT NULL CHECK (delivery IN ('none', 'pending', 'delivered', 'given_up')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at INTEGER NOT NULL,
    delivered_at INTEGER,
    UNIQUE (rule, window_start, window_end, about)
) STRICT, WITHOUT ROWID;
-- The few that wait, in their order.
CREATE INDEX alerts_due ON alerts (due_at) WHERE delivery = 'pending';
-- Finds the alerts about whoever is erased.
CREATE INDEX alerts_by_subject ON alerts (about);

-- Credentials that were refused, by address (IPv6 by /64) and minute. Only while a rule asks for it, and for two days.
CREATE TABLE failed_authentications (
    minute INTEGER NOT NULL,
    address TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (minute, address)
) STRICT, WITHOUT ROWID;

-- Rollups of the ledger by quarter hour, and views on them.
--
-- `rollup_state.closed_until` parts the past in two. Before it, counts stand in the tables of rollups; from it on, they are
-- read from the ledger. The views do both.
--
-- Why nothing is lost: a quarter is closed in one transaction that counts it and moves closed_until over it, and there is one
-- writer. Triggers mark a closed quarter in which anything changes afterwards, in the same transaction; it is counted again,
-- from the ledger, whole.
--
-- Calls, their minutes and their money will have tables of their own beside these, closed by the same job.

CREATE INDEX mints_by_time ON mints (created_at);
CREATE INDEX refusals_by_minute ON refusals (minute);

-- One row. closed_until is 0 before the first quarter is closed. Before kept_from (a UTC midnight) the ledger may be
-- deleted: nothing is counted again there.
CREATE TABLE rollup_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    closed_until INTEGER NOT NULL,
    kept_from INTEGER NOT NULL
) STRICT;

-- Quarters in which something changed after they were closed.
CREATE TABLE rollup_marks (
    quarter INTEGER PRIMARY KEY
) STRICT;

-- error_code is empty where there was none.
CREATE TABLE mint_quarters (
    quarter INTEGER NOT NULL,
    role TEXT NOT NULL,
    language TEXT NOT NULL,
    session_type TEXT NOT NULL,
    model TEXT NOT NULL,
    key_source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    error_code TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (quarter, role, language, session_type, model, key_source, outcome, error_code)
) STRICT, WITHOUT ROWID;

-- Upper edges of the latency histograms, in ms; the last one is for whatever took longer than 30 s.
CREATE TABLE latency_edges (
    up_to_ms INTEGER PRIMARY KEY
) STRICT;

-- How long the provider took. The ledger has neither the whole time nor the store's: those are in the metrics.
CREATE TABLE latency_quarters (
    quarter INTEGER NOT NULL,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    outcome TEXT NOT NULL,
    up_to_ms INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    total_ms INTEGER NOT NULL CHECK (total_ms >= 0),
    PRIMARY KEY (quarter, role, model, outcome, up_to_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE refusal_quarters (
    quarter INTEGER NOT NULL,
    code TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (quarter, code)
) STRICT, WITHOUT ROWID;

-- Who minted on a day (UTC, by the millisecond at which it began), by role. tokens: issued, or may have been. early and late
-- are the quarters with tokens, a bit each: from 00:00 to 12:00 and from 12:00 to 24:00, so that days of any zone can be told
-- apart.
CREATE TABLE user_days (
    day INTEGER NOT NULL,
    user_key BLOB NOT NULL CHECK (length(user_key) = 32),
    role TEXT NOT NULL,
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    mints INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    early INTEGER NOT NULL,
    late INTEGER NOT NULL,
    PRIMARY KEY (day, user_key, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_days_by_user ON user_days (user_id);
CREATE INDEX user_days_by_key ON user_days (user_key);

-- What users are called in packed_days. Numbers are dense: reports have arrays by them.
CREATE TABLE user_numbers (
    number INTEGER PRIMARY KEY,
    user_key BLOB NOT NULL UNIQUE CHECK (length(user_key) = 32),
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL
) STRICT;

-- What user_days has of closed days (UTC), put together by role and number of the user; src/store/packed.rs says how. It can be
-- deleted: it is made again.
CREATE TABLE packed_days (
    day INTEGER PRIMARY KEY,
    users BLOB NOT NULL
) STRICT;

CREATE TRIGGER mints_entered_late AFTER INSERT ON mints
WHEN NEW.created_at < (SELECT closed_until FROM rollup_state WHERE id = 1)
BEGIN
    INSERT INTO rollup_marks (quarter) VALUES (NEW.created_at / 900000 * 900000) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER mints_ended_late AFTER UPDATE OF outcome, error_code, latency_ms ON mints
WHEN NEW.created_at < (SELECT closed_until FROM rollup_state WHERE id = 1)
BEGIN
    INSERT INTO rollup_marks (quarter) VALUES (NEW.created_at / 900000 * 900000) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER refusals_counted_late AFTER INSERT ON refusals
WHEN NEW.minute < (SELECT closed_until FROM rollup_state WHERE id = 1)
BEGIN
    INSERT INTO rollup_marks (quarter) VALUES (NEW.minute / 900000 * 900000) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER refusals_added_late AFTER UPDATE OF count ON refusals
WHEN NEW.minute < (SELECT closed_until FROM rollup_state WHERE id = 1)
BEGIN
    INSERT INTO rollup_marks (quarter) VALUES (NEW.minute / 900000 * 900000) ON CONFLICT DO NOTHING;
END;

-- Mints by quarter hour, up to now. A quarter without any has no row.
CREATE VIEW usage_mints AS
    SELECT quarter, role, language, session_type, model, key_source, outcome, error_code, count
    FROM mint_quarters
    WHERE quarter < (SELECT closed_until FROM rollup_state WHERE id = 1)
    UNION ALL
    SELECT created_at / 900000 * 900000, role, language, session_type, model, key_source, outcome, coalesce(error_code, ''),
           count(*)
    FROM mints
    WHERE created_at >= (SELECT closed_until FROM rollup_state WHERE id = 1)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- How long the provider took, by quarter hour, up to now.
CREATE VIEW usage_latencies AS
    SELECT quarter, role, model, outcome, up_to_ms, count, total_ms
    FROM latency_quarters
    WHERE quarter < (SELECT closed_until FROM rollup_state WHERE id = 1)
    UNION ALL
    SELECT created_at / 900000 * 900000, role, model, outcome,
           (SELECT min(e.up_to_ms) FROM latency_edges e WHERE e.up_to_ms >= latency_ms), count(*), sum(latency_ms)
    FROM mints
    WHERE created_at >= (SELECT closed_until FROM rollup_state WHERE id = 1) AND latency_ms IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5;

-- Refusals by quarter hour and error code, up to now.
CREATE VIEW usage_refusals AS
    SELECT quarter, code, count
    FROM refusal_quarters
    WHERE quarter < (SELECT closed_until FROM rollup_state WHERE id = 1)
    UNION ALL
    SELECT minute / 900000 * 900000, code, sum(count)
    FROM refusals
    WHERE minute >= (SELECT closed_until FROM rollup_state WHERE id = 1)
    GROUP BY 1, 2;

-- Who minted on a day, up to now. A user may have several rows for a day: add them up. Bits that differ add up to their union.
CREATE VIEW usage_user_days AS
    SELECT day, user_key, role, issuer, user_id, mints, tokens, early, late FROM user_days
    UNION ALL
    SELECT created_at / 86400000 * 86400000, user_key, role, issuer, user_id, count(*),
           sum(outcome IN ('issued', 'unconfirmed')),
           sum(DISTINCT CASE WHEN outcome IN ('issued', 'unconfirmed') AND created_at / 900000 % 96 < 48
                             THEN 1 << (created_at / 900000 % 96) ELSE 0 END),
           sum(DISTINCT CASE WHEN outcome IN ('issued', 'unconfirmed') AND created_at / 900000 % 96 >= 48
                             THEN 1 << (created_at / 900000 % 96 - 48) ELSE 0 END)
    FROM mints
    WHERE created_at >= (SELECT closed_until FROM rollup_state WHERE id = 1)
    GROUP BY 1, 2, 3, 4, 5;

-- Mints by day (UTC), role, language, model and whose key paid. tokens: handed out, or may have been.
CREATE VIEW daily_mints AS
    SELECT date(quarter / 1000, 'unixepoch') AS day, role, language, model, key_source, sum(count) AS mints,
           sum(CASE WHEN outcome IN ('issued', 'unconfirmed') THEN count ELSE 0 END) AS tokens
    FROM usage_mints GROUP BY 1, 2, 3, 4, 5;

-- What became of mints, and refusals, by hour (UTC). error_rate: refunded and unconfirmed among all that ended.
CREATE VIEW hourly_outcomes AS
    SELECT hour, sum(issued) AS issued, sum(refunded) AS refunded, sum(unconfirmed) AS unconfirmed, sum(pending) AS pending,
           sum(refused) AS refused,
           round(1.0 * (sum(refunded) + sum(unconfirmed))
                 / nullif(sum(issued) + sum(refunded) + sum(unconfirmed), 0), 4) AS error_rate
    FROM (
        SELECT strftime('%Y-%m-%d %H:00', quarter / 1000, 'unixepoch') AS hour,
               CASE WHEN outcome = 'issued' THEN count ELSE 0 END AS issued,
               CASE WHEN outcome = 'refunded' THEN count ELSE 0 END AS refunded,
               CASE WHEN outcome = 'unconfirmed' THEN count ELSE 0 END AS unconfirmed,
               CASE WHEN outcome = 'pending' THEN count ELSE 0 END AS pending,
               0 AS refused
        FROM usage_mints
        UNION ALL
        SELECT strftime('%Y-%m-%d %H:00', quarter / 1000, 'unixepoch'), 0, 0, 0, 0, count FROM usage_refusals
    )
    GROUP BY hour;

-- How long the provider took, by day (UTC) and model. Percentiles are upper edges of their buckets.
CREATE VIEW daily_latency AS
    SELECT day, model, sum(count) AS mints, round(1.0 * sum(total_ms) / sum(count)) AS mean_ms,
           min(up_to_ms) FILTER (WHERE reached >= 0.5 * whole) AS p50_up_to_ms,
           min(up_to_ms) FILTER (WHERE reached >= 0.95 * whole) AS p95_up_to_ms,
           min(up_to_ms) FILTER (WHERE reached >= 0.99 * whole) AS p99_up_to_ms
    FROM (
        SELECT day, model, up_to_ms, count, total_ms, sum(count) OVER (PARTITION BY day, model ORDER BY up_to_ms) AS reached,
               sum(count) OVER (PARTITION BY day, model) AS whole
        FROM (
            SELECT date(quarter / 1000, 'unixepoch') AS day, model, up_to_ms, sum(count) AS count, sum(total_ms) AS total_ms
            FROM usage_latencies GROUP BY 1, 2, 3
        )
    )
    GROUP BY day, model;

-- Users who got tokens, by day (UTC), by week (named by its Monday) and by month (named by its first day).
CREATE VIEW daily_active_users AS
    SELECT date(day / 1000, 'unixepoch') AS day, count(DISTINCT user_key) AS users, sum(tokens) AS tokens,
           round(1.0 * sum(tokens) / count(DISTINCT user_key), 2) AS tokens_per_user
    FROM usage_user_days WHERE tokens > 0 GROUP BY 1;

CREATE VIEW weekly_active_users AS
    SELECT date(day / 1000, 'unixepoch', '-6 days', 'weekday 1') AS week, count(DISTINCT user_key) AS users,
           sum(tokens) AS tokens, round(1.0 * sum(tokens) / count(DISTINCT user_key), 2) AS tokens_per_user
    FROM usage_user_days WHERE tokens > 0 GROUP BY 1;

CREATE VIEW monthly_active_users AS
    SELECT date(day / 1000, 'unixepoch', 'start of month') AS month, count(DISTINCT user_key) AS users,
           sum(tokens) AS tokens, round(1.0 * sum(tokens) / count(DISTINCT user_key), 2) AS tokens_per_user
    FROM usage_user_days WHERE tokens > 0 GROUP BY 1;

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

-- version: another one whenever anything is set; every mint compares it with what it was worked out from. document: a JSON
-- object.
CREATE TABLE personal_settings (
    user_key BLOB NOT NULL PRIMARY KEY CHECK (length(user_key) = 32),
    version BLOB NOT NULL CHECK (length(version) = 16),
    document TEXT NOT NULL CHECK (length(document) <= 131072),
    updated_at INTEGER NOT NULL
) STRICT;
