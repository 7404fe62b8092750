-- The stamps of a user's rolling hour that still count, oldest first.
-- $1 user key  $2 the time, or null for the clock of the database
SELECT c.now AS at, ARRAY(SELECT s FROM unnest(h.stamps) s WHERE s > c.now - interval '1 hour' ORDER BY s) AS stamps
FROM (SELECT coalesce($2::timestamptz, clock_timestamp()) AS clock) k
LEFT JOIN rolling_hours h ON h.user_key = $1::bytea,
     LATERAL (SELECT greatest(k.clock, h.seen_at) AS now) c
