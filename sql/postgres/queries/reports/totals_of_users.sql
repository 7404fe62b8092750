-- What users had: whole days (UTC) from the rollups, put together where that was done, the rest from the ledger.
-- $1 from  $2 to  $3 the first midnight (UTC) from $1 on  $4 the last one up to $2
-- $5 a role, or null for all; where users are put together, all roles are
WITH state AS MATERIALIZED (
    SELECT closed_until FROM rollup_state
), whole AS MATERIALIZED (
    SELECT d.day, EXISTS (SELECT FROM packed_days p WHERE p.day = d.day) AS is_packed
    FROM state s,
         (SELECT g::date AS day FROM generate_series(($3::timestamptz AT TIME ZONE 'UTC'), ($4::timestamptz AT TIME ZONE 'UTC'), interval '1 day') g) d
    WHERE least((d.day + 1)::timestamp AT TIME ZONE 'UTC', s.closed_until) <= $2::timestamptz
), parts AS (
    SELECT d.user_key, d.issuer, d.user_id, d.mints, d.tokens
    FROM user_days d
    WHERE d.day = ANY (ARRAY(SELECT day FROM whole WHERE NOT is_packed)) AND ($5::text IS NULL OR d.role = $5)
    UNION ALL
    SELECT m.user_key, m.issuer, m.user_id, 1, (m.outcome IN ('issued', 'unconfirmed'))::int
    FROM mints m
    WHERE m.created_at >= $1::timestamptz AND m.created_at < least($2::timestamptz, $3::timestamptz)
      AND ($5::text IS NULL OR m.role = $5)
    UNION ALL
    SELECT m.user_key, m.issuer, m.user_id, 1, (m.outcome IN ('issued', 'unconfirmed'))::int
    FROM mints m
    WHERE m.created_at < $2::timestamptz
      AND m.created_at >= (
          SELECT greatest($3::timestamptz, CASE WHEN closed_until <= $2::timestamptz THEN closed_until ELSE $4::timestamptz END)
          FROM state
      )
      AND ($5::text IS NULL OR m.role = $5)
), users AS (
    SELECT user_key, max(issuer COLLATE "C") AS issuer, max(user_id COLLATE "C") AS user_id, sum(mints)::bigint AS mints,
           sum(tokens)::bigint AS tokens
    FROM parts GROUP BY user_key
)
SELECT p.users, NULL::int AS number, NULL::bytea AS user_key, NULL::text AS issuer, NULL::text AS user_id, NULL::bigint AS mints,
       NULL::bigint AS tokens
FROM packed_days p
WHERE p.day = ANY (ARRAY(SELECT day FROM whole WHERE is_packed))
UNION ALL
SELECT NULL, n.number, u.user_key, u.issuer, u.user_id, u.mints, u.tokens
FROM users u LEFT JOIN user_numbers n ON n.user_key = u.user_key
