-- Mints by the span of time in which they were made, and by all that is known of them.
-- $1 where spans begin, ascending, and the end of the last  $2 a role, or null for all
SELECT width_bucket(quarter, $1::timestamptz[]) - 1 AS span, role, language, session_type, model, key_source, outcome, error_code,
       sum(count)::bigint AS count
FROM usage_mints
WHERE quarter >= ($1::timestamptz[])[1] AND quarter < ($1::timestamptz[])[cardinality($1::timestamptz[])]
  AND ($2::text IS NULL OR role = $2)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
