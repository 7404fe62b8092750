-- Users who had more tokens on a day (UTC) than so many, and more than so many times what is usual for them: the 95th
-- percentile (nearest rank) of the days of their last four weeks on which they had any. Who had none is not compared.
-- ?1 the day  ?2 how many tokens  ?3 times what is usual  ?4 how many users at most
-- CROSS JOIN: the few who had much come first, whatever the planner would think of tables that it knows nothing of.
WITH heavy AS MATERIALIZED (
    SELECT user_key, max(user_id) AS user_id, sum(tokens) AS tokens
    FROM usage_user_days
    WHERE day = ?1 AND user_id <> ''
    GROUP BY user_key
    HAVING sum(tokens) > ?2
), past AS (
    SELECT h.user_key, sum(d.tokens) AS tokens
    FROM heavy h CROSS JOIN user_days d ON d.user_key = h.user_key
    WHERE d.day >= ?1 - 28 * 86400000 AND d.day < ?1 AND d.tokens > 0
    GROUP BY h.user_key, d.day
), placed AS (
    SELECT user_key, tokens, row_number() OVER (PARTITION BY user_key ORDER BY tokens) AS place,
           count(*) OVER (PARTITION BY user_key) AS days
    FROM past
), usual AS (
    SELECT user_key, min(tokens) AS usual FROM placed WHERE 100 * place >= 95 * days GROUP BY user_key
)
SELECT h.user_key AS about, h.user_id AS subject, h.tokens AS count, u.usual
FROM heavy h JOIN usual u ON u.user_key = h.user_key
WHERE h.tokens > ?3 * u.usual
ORDER BY h.tokens DESC, h.user_key
LIMIT ?4
