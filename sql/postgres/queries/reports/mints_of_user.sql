-- The same of one user, from the ledger.
-- $1 where spans begin, ascending, and the end of the last  $2 a role, or null for all  $3 user id
SELECT width_bucket(created_at, $1::timestamptz[]) - 1 AS span, role, language, session_type, model, key_source, outcome,
       coalesce(error_code, '') AS error_code, count(*) AS count
FROM mints
WHERE user_key = ANY (ARRAY(SELECT user_key FROM usage_user_days WHERE user_id = $3::text)) AND user_id = $3::text
  AND created_at >= ($1::timestamptz[])[1] AND created_at < ($1::timestamptz[])[cardinality($1::timestamptz[])]
  AND ($2::text IS NULL OR role = $2)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
