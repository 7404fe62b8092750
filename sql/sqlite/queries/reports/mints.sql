-- Mints by quarter, and by all that is known of them.
-- ?1 from  ?2 to  ?3 a role, or null for all
SELECT quarter, role, language, session_type, model, key_source, outcome, error_code, count
FROM usage_mints
WHERE quarter >= ?1 AND quarter < ?2 AND (?3 IS NULL OR role = ?3)
