-- Forgets alerts that were raised before a time.
-- ?1 the time
DELETE FROM alerts WHERE raised_at < ?1
