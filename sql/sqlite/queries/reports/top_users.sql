-- Users by the tokens that they got, most first. Whole days (UTC) are read from the rollups, the rest from the ledger.
-- ?1 from  ?2 to  ?3 the first midnight (UTC) from ?1 on  ?4 the last one up to ?2  ?5 a role, or null for all
-- ?6 tokens and ?7 key of the user after whom the page begins, or null  ?8 how many
WITH state AS (
    SELECT closed_until FROM rollup_state WHERE id = 1
), parts AS (
    SELECT user_key, issuer, user_id, mints, tokens
    FROM user_days
    WHERE day >= ?3 AND day <= ?4 AND min(day + 86400000, (SELECT closed_until FROM state)) <= ?2 AND (?5 IS NULL OR role = ?5)
    UNION ALL
    SELECT user_key, issuer, user_id, 1, outcome IN ('issued', 'unconfirmed')
    FROM mints
    WHERE created_at >= ?1 AND created_at < min(?2, ?3) AND (?5 IS NULL OR role = ?5)
    UNION ALL
    SELECT user_key, issuer, user_id, 1, outcome IN ('issued', 'unconfirmed')
    FROM mints
    WHERE created_at < ?2
      AND created_at >= (SELECT max(?3, CASE WHEN closed_until <= ?2 THEN closed_until ELSE ?4 END) FROM state)
      AND (?5 IS NULL OR role = ?5)
), users AS (
    SELECT user_key, max(issuer) AS issuer, max(user_id) AS user_id, sum(mints) AS mints, sum(tokens) AS tokens
    FROM parts GROUP BY user_key
)
SELECT user_key, issuer, user_id, mints, tokens FROM users
WHERE ?6 IS NULL OR tokens < ?6 OR (tokens = ?6 AND user_key > ?7)
ORDER BY tokens DESC, user_key
LIMIT ?8
