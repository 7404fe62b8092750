-- Who got tokens on which days: whole days put together where that was done, else a row for each user, or each mint that is still
-- open. CROSS JOIN: the days come first.
-- ?1 the first day (UTC)  ?2 the last  ?3 a role, or null for all; where users are put together, all roles are
WITH RECURSIVE days (day) AS (
    SELECT ?1 UNION ALL SELECT day + 86400000 FROM days WHERE day < ?2
)
SELECT p.day, p.users, NULL AS number, NULL AS user_key, NULL AS early, NULL AS late
FROM packed_days p
WHERE p.day BETWEEN ?1 AND ?2
UNION ALL
SELECT d.day, NULL, n.number, u.user_key, u.early, u.late
FROM days d CROSS JOIN user_days u ON u.day = d.day LEFT JOIN user_numbers n ON n.user_key = u.user_key
WHERE NOT EXISTS (SELECT 1 FROM packed_days p WHERE p.day = d.day) AND (?3 IS NULL OR u.role = ?3) AND u.tokens > 0
UNION ALL
SELECT m.created_at / 86400000 * 86400000, NULL, n.number, m.user_key,
       CASE WHEN m.created_at / 900000 % 96 < 48 THEN 1 << (m.created_at / 900000 % 96) ELSE 0 END,
       CASE WHEN m.created_at / 900000 % 96 < 48 THEN 0 ELSE 1 << (m.created_at / 900000 % 96 - 48) END
FROM mints m LEFT JOIN user_numbers n ON n.user_key = m.user_key
WHERE m.created_at >= max((SELECT closed_until FROM rollup_state), ?1) AND m.created_at < ?2 + 86400000
  AND m.outcome IN ('issued', 'unconfirmed') AND (?3 IS NULL OR m.role = ?3)
