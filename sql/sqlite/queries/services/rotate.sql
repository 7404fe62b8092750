-- Gives a backend another secret. The one before holds for a while yet, or not at all; the one before that no more.
-- ?1 name  ?2 the new secret's digest  ?3 for how many milliseconds the old one holds, 0 is not at all  ?4 the time
UPDATE service_credentials
SET previous_digest = CASE WHEN ?3 > 0 THEN digest END, previous_until = CASE WHEN ?3 > 0 THEN ?4 + ?3 END,
    digest = ?2, rotated_at = ?4
WHERE name = ?1
RETURNING name, scopes, providers, created_at, rotated_at, previous_until, last_used_at
