-- Notes that a key was used, to the hour: mostly it was noted already.
-- ?1 user key  ?2 provider  ?3 the time
UPDATE provider_keys SET last_used_at = ?3
WHERE user_key = ?1 AND provider = ?2 AND (last_used_at IS NULL OR last_used_at <= ?3 - 3600000)
