-- Begins to erase a user: all that is theirs up to now, and up to their last mint, whose time may be ahead of the clock.
-- ?1 user key  ?2 the time
INSERT INTO erasures AS e (user_key, anonymous_key, erased_at)
SELECT ?1, randomblob(32), max(?2, coalesce((SELECT max(created_at) FROM mints WHERE user_key = ?1), 0))
WHERE true
ON CONFLICT (user_key) DO UPDATE SET erased_at = max(e.erased_at, excluded.erased_at)
