-- Users who had more tokens on a day (UTC) than so many, and more than so many times what is usual for them: the 95th
-- percentile (nearest rank) of the days of their last four weeks on which they had any. Who had none is not compared.
-- $1 the day  $2 how many tokens  $3 times what is usual  $4 how many users at most
WITH heavy AS MATERIALIZED (
    SELECT user_key, max(user_id COLLATE "C") AS user_id, sum(tokens)::bigint AS tokens
    FROM usage_user_days
    WHERE day = $1 AND user_id <> ''
    GROUP BY user_key
    HAVING sum(tokens) > $2::bigint
)
SELECT h.user_key AS about, h.user_id AS subject, h.tokens AS count, p.usual
FROM heavy h,
     LATERAL (
         SELECT min(tokens)::bigint AS usual
         FROM (
             SELECT tokens, row_number() OVER (ORDER BY tokens) AS place, count(*) OVER () AS days
             FROM (
                 SELECT sum(d.tokens) AS tokens
                 FROM user_days d
                 WHERE d.user_key = h.user_key AND d.day >= $1::date - 28 AND d.day < $1::date AND d.tokens > 0
                 GROUP BY d.day
             ) past
         ) placed
         WHERE 100 * place >= 95 * days
     ) p
WHERE h.tokens > $3::float8 * p.usual
ORDER BY h.tokens DESC, h.user_key
LIMIT $4
