-- Mints of everybody, newest first.
-- ?1 ids from this one on and ?2 before this one: ids are nearly ordered by time, so this bounds what is read
-- ?3 the first time and ?4 the first one after  ?5 role, ?6 outcome and ?7 key source, or null for any  ?8 how many
SELECT id, created_at, issuer, user_id, role, language, session_type, model, key_source, outcome, error_code, latency_ms
FROM mints
WHERE id >= ?1 AND id < ?2 AND created_at >= ?3 AND created_at < ?4
  AND (?5 IS NULL OR role = ?5) AND (?6 IS NULL OR outcome = ?6)
  AND (?7 IS NULL OR key_source = ?7)
ORDER BY id DESC
LIMIT ?8
