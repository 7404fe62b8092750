-- Fills the ledger of a fresh PostgreSQL database, already migrated, with ten million mints of twenty thousand users over 90
-- days, the newest just now, and with refusals. Takes some minutes and four gigabytes. bench/reports does this, and measures.
--
--     DATABASE_URL=postgres://… ephemint migrate
--     psql "$DATABASE_URL" -f bench/ledger.sql            (-v rows=100000 -v users=500 -v days=9 for another)
--
-- Then let a service roll it up (8,640 quarters, some minutes), and look at the reports: docs/operations.md, Reports.
\set ON_ERROR_STOP on
\if :{?rows}
\else
    \set rows 10000000
\endif
\if :{?users}
\else
    \set users 20000
\endif
\if :{?days}
\else
    \set days 90
\endif
SELECT setseed(0.5);

INSERT INTO mints (id, user_key, issuer, user_id, role, language, session_type, model, key_source, outcome, error_code, latency_ms,
                   request_id, created_at, expires_at)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
        || substr(md5(n::text), 4, 15))::uuid,
       sha256(int8send(who)), 'https://sign-in.example', 'user-' || who,
       (ARRAY['student', 'student', 'student', 'student', 'teacher', 'family'])[1 + who % 6],
       (ARRAY['en', 'es'])[1 + who % 2], 'realtime',
       CASE WHEN r < 0.8 THEN 'gpt-realtime-2.1-mini' ELSE 'gpt-realtime-2.1' END, 'operator',
       CASE WHEN r2 < 0.98 THEN 'issued' WHEN r2 < 0.995 THEN 'refunded' ELSE 'unconfirmed' END,
       CASE WHEN r2 < 0.98 THEN NULL WHEN r2 < 0.995 THEN 'provider_busy' ELSE 'provider_timeout' END,
       (100 + 900 * r * r + CASE WHEN r2 > 0.995 THEN 9000 ELSE 0 END)::int, 'req_' || n, at, at + interval '1 minute'
FROM (
    -- Evenly over time; some users far more often than others.
    SELECT n, random() AS r, random() AS r2, (:users * power(random(), 1.5))::bigint AS who,
           date_trunc('milliseconds', now() - interval '1 day' * :days * (1 - n / :rows.0)) AS at
    FROM generate_series(1, :rows) n
) made;

INSERT INTO refusals (user_key, code, minute, issuer, user_id, count)
SELECT sha256(int8send(n % 500)), (ARRAY['rate_limit_exceeded', 'not_allowed'])[1 + n % 2],
       date_trunc('minute', now() - interval '1 day' * :days * (n / 200000.0)), 'https://sign-in.example', 'user-' || n % 500, 1 + n % 7
FROM generate_series(1, 200000) n
ON CONFLICT DO NOTHING;

ANALYZE;
