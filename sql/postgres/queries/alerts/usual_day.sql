-- How many tokens a user has on a day, at the 95th percentile (nearest rank) of all users and of the 28 days before a day (UTC)
-- on which they had any. No row where nobody had any.
-- $1 the day
SELECT min(tokens)::bigint AS usual
FROM (
    SELECT tokens, sum(count) OVER (ORDER BY tokens) AS reached, sum(count) OVER () AS whole
    FROM (
        SELECT tokens, count(*) AS count
        FROM (
            SELECT sum(tokens) AS tokens
            FROM user_days
            WHERE day >= $1::date - 28 AND day < $1::date AND tokens > 0
            GROUP BY day, user_key
        ) past
        GROUP BY tokens
    ) steps
) placed
WHERE 100 * reached >= 95 * whole
HAVING count(*) > 0
