-- When a user's mints were made, oldest first, and whether they count against the hour.
-- ?1 user key  ?2 the time after which they were made
SELECT created_at, NOT refunded FROM mints WHERE user_key = ?1 AND created_at > ?2 ORDER BY created_at
