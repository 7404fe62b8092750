-- How long the provider took, by role, model and outcome.
-- $1 from  $2 to  $3 a role, or null for all
SELECT role, model, outcome, up_to_ms, sum(count)::bigint AS count, sum(total_ms)::bigint AS total_ms
FROM usage_latencies
WHERE quarter >= $1::timestamptz AND quarter < $2::timestamptz AND ($3::text IS NULL OR role = $3)
GROUP BY 1, 2, 3, 4
