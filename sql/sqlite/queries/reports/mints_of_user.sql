-- The same of one user, from the ledger.
-- ?1 from  ?2 to  ?3 a role, or null for all  ?4 user id
SELECT created_at / 900000 * 900000 AS quarter, role, language, session_type, model, key_source, outcome,
       coalesce(error_code, '') AS error_code, count(*) AS count
FROM mints
WHERE user_key IN (SELECT user_key FROM usage_user_days WHERE user_id = ?4) AND user_id = ?4
  AND created_at >= ?1 AND created_at < ?2 AND (?3 IS NULL OR role = ?3)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
