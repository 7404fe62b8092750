-- Notes that a backend was here, unless that was done within the hour. Those who come at the same moment don't wait for each other.
-- $1 name  $2 the time, or null for the clock of the database
WITH clock AS MATERIALIZED (
    SELECT coalesce($2::timestamptz, clock_timestamp()) AS now
), due AS MATERIALIZED (
    SELECT s.name FROM service_credentials s, clock c
    WHERE s.name = $1 AND (s.last_used_at IS NULL OR s.last_used_at <= c.now - interval '1 hour')
    FOR UPDATE OF s SKIP LOCKED
)
UPDATE service_credentials s SET last_used_at = c.now FROM due d, clock c WHERE s.name = d.name
