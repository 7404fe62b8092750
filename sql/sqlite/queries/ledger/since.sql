-- The mints of everybody from an id on, oldest first.
-- ?1 id  ?2 how many
SELECT id, created_at, issuer, user_id, role, language, session_type, model, key_source, outcome, error_code, latency_ms
FROM mints WHERE id >= ?1 ORDER BY id LIMIT ?2
