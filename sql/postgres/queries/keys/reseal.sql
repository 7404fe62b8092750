-- Puts a key that was sealed anew in the place of what was sealed before, if that is still there. Its version stays: the key
-- is the same.
-- $1 user key  $2 provider  $3 what was sealed before  $4 what is sealed now  $5 under which sealing key  $6 the time, or null
-- for the clock of the database
UPDATE provider_keys SET sealed = $4, sealing_key = $5, sealed_at = coalesce($6::timestamptz, clock_timestamp())
WHERE user_key = $1 AND provider = $2 AND sealed = $3
