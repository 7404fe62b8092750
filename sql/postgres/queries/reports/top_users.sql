-- Users by the tokens that they got, most first. Whole days (UTC) are read from the rollups, the rest from the ledger.
-- $1 from  $2 to  $3 the first midnight (UTC) from $1 on  $4 the last one up to $2  $5 a role, or null for all
-- $6 tokens and $7 key of the user after whom the page begins, or null  $8 how many
WITH state AS MATERIALIZED (
    SELECT closed_until FROM rollup_state
), parts AS (
    SELECT d.user_key, d.issuer, d.user_id, d.mints, d.tokens
    FROM user_days d, state s
    WHERE d.day >= ($3::timestamptz AT TIME ZONE 'UTC')::date AND d.day <= ($4::timestamptz AT TIME ZONE 'UTC')::date
      AND least((d.day + 1)::timestamp AT TIME ZONE 'UTC', s.closed_until) <= $2::timestamptz
      AND ($5::text IS NULL OR d.role = $5)
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
    SELECT user_key, max(issuer COLLATE "C") AS issuer, max(user_id COLLATE "C") AS user_id, sum(mints)::bigint AS mints, sum(tokens)::bigint AS tokens
    FROM parts GROUP BY user_key
)
SELECT user_key, issuer, user_id, mints, tokens FROM users
WHERE $6::bigint IS NULL OR tokens < $6 OR (tokens = $6 AND user_key > $7::bytea)
ORDER BY tokens DESC, user_key
LIMIT $8
