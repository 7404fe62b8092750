-- Who got tokens on which days: whole days put together where that was done, else a row for each user, or each mint that is still
-- open.
-- $1 the first day (UTC)  $2 the last  $3 a role, or null for all; where users are put together, all roles are
WITH loose AS MATERIALIZED (
    SELECT d::date AS day FROM generate_series($1::date, $2::date, interval '1 day') d
    WHERE NOT EXISTS (SELECT FROM packed_days p WHERE p.day = d::date)
)
SELECT p.day, p.users, NULL::int AS number, NULL::bytea AS user_key, NULL::bigint AS early, NULL::bigint AS late
FROM packed_days p
WHERE p.day BETWEEN $1::date AND $2::date
UNION ALL
SELECT u.day, NULL, n.number, u.user_key, u.early, u.late
FROM user_days u LEFT JOIN user_numbers n ON n.user_key = u.user_key
WHERE u.day = ANY (ARRAY(SELECT day FROM loose)) AND ($3::text IS NULL OR u.role = $3) AND u.tokens > 0
UNION ALL
SELECT (m.created_at AT TIME ZONE 'UTC')::date, NULL, n.number, m.user_key,
       CASE WHEN q.n < 48 THEN 1::bigint << q.n ELSE 0 END, CASE WHEN q.n < 48 THEN 0 ELSE 1::bigint << (q.n - 48) END
FROM mints m LEFT JOIN user_numbers n ON n.user_key = m.user_key,
     LATERAL (SELECT (floor(extract(epoch FROM m.created_at))::bigint / 900 % 96)::int AS n) q
WHERE m.created_at >= greatest((SELECT closed_until FROM rollup_state), $1::date::timestamp AT TIME ZONE 'UTC')
  AND m.created_at < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
  AND m.outcome IN ('issued', 'unconfirmed') AND ($3::text IS NULL OR m.role = $3)
