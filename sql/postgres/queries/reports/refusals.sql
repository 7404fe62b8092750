-- Refusals by the span of time in which they were, and by code.
-- $1 where spans begin, ascending, and the end of the last
SELECT width_bucket(quarter, $1::timestamptz[]) - 1 AS span, code, sum(count)::bigint AS count
FROM usage_refusals
WHERE quarter >= ($1::timestamptz[])[1] AND quarter < ($1::timestamptz[])[cardinality($1::timestamptz[])]
GROUP BY 1, 2
