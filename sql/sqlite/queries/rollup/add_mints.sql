-- Counts the mints of a quarter.
-- ?1 the quarter
INSERT INTO mint_quarters (quarter, role, language, session_type, model, key_source, outcome, error_code, count)
SELECT ?1, role, language, session_type, model, key_source, outcome, coalesce(error_code, ''), count(*)
FROM mints
WHERE created_at >= ?1 AND created_at < ?1 + 900000
GROUP BY role, language, session_type, model, key_source, outcome, coalesce(error_code, '')
