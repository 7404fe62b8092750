-- Notes that a backend was here.
-- $1 name  $2 the time, or null for the clock of the database
UPDATE service_credentials SET last_used_at = coalesce($2::timestamptz, clock_timestamp()) WHERE name = $1
