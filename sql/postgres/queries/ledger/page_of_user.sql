-- Mints of a user, newest first. Apart from those of everybody, because it goes through another index.
-- $1 ids from this one on and $2 before this one: ids are nearly ordered by time, so this bounds what is read
-- $3 the first time and $4 the first one after  $5 role, $6 outcome and $7 key source, or null for any  $8 how many
-- $9 user key
SELECT id, created_at, issuer, user_id, role, language, session_type, model, key_source, outcome, error_code, latency_ms
FROM mints
WHERE user_key = $9 AND id >= $1 AND id < $2 AND created_at >= $3 AND created_at < $4
  AND ($5::text IS NULL OR role = $5) AND ($6::text IS NULL OR outcome = $6)
  AND ($7::text IS NULL OR key_source = $7)
ORDER BY id DESC
LIMIT $8
