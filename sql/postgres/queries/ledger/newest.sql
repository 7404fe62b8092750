-- The newest mints of everybody, newest first. Ids are ordered by time, so the key's own index has them ready.
-- $1 how many
SELECT id, created_at, issuer, user_id, role, language, session_type, model, key_source, outcome, error_code, latency_ms
FROM mints ORDER BY id DESC LIMIT $1
