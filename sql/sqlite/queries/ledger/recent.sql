-- A user's newest mints.
-- ?1 user key  ?2 how many
SELECT created_at, role, language, outcome FROM mints WHERE user_key = ?1 ORDER BY created_at DESC LIMIT ?2
