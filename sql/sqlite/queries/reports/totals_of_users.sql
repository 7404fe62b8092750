-- What users had: whole days (UTC) from the rollups, put together where that was done, the rest from the ledger. CROSS JOIN: the
-- days come first.
-- ?1 from  ?2 to  ?3 the first midnight (UTC) from ?1 on  ?4 the last one up to ?2
-- ?5 a role, or null for all; where users are put together, all roles are
WITH RECURSIVE state AS MATERIALIZED (
    SELECT closed_until FROM rollup_state WHERE id = 1
), days (day) AS (
    SELECT ?3 WHERE ?3 <= ?4 UNION ALL SELECT day + 86400000 FROM days WHERE day < ?4
), whole AS MATERIALIZED (
    SELECT day, EXISTS (SELECT 1 FROM packed_days p WHERE p.day = days.day) AS is_packed
    FROM days WHERE min(day + 86400000, (SELECT closed_until FROM state)) <= ?2
), parts AS (
    SELECT d.user_key, d.issuer, d.user_id, d.mints, d.tokens
    FROM whole w CROSS JOIN user_days d ON d.day = w.day
    WHERE NOT w.is_packed AND (?5 IS NULL OR d.role = ?5)
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
SELECT p.users, NULL AS number, NULL AS user_key, NULL AS issuer, NULL AS user_id, NULL AS mints, NULL AS tokens
FROM whole w CROSS JOIN packed_days p ON p.day = w.day
UNION ALL
SELECT NULL, n.number, u.user_key, u.issuer, u.user_id, u.mints, u.tokens
FROM users u LEFT JOIN user_numbers n ON n.user_key = u.user_key
