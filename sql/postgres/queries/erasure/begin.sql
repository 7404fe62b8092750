-- Begins to erase a user: all that is theirs up to now, and up to their last mint, whose time may be ahead of the clock.
-- $1 user key  $2 the time, or null for the clock of the database
INSERT INTO erasures AS e (user_key, anonymous_key, erased_at)
SELECT $1::bytea, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
       greatest(coalesce($2::timestamptz, clock_timestamp()), (SELECT max(created_at) FROM mints WHERE user_key = $1::bytea))
ON CONFLICT (user_key) DO UPDATE SET erased_at = greatest(e.erased_at, excluded.erased_at)
