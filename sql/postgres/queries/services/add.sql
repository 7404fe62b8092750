-- Adds a backend, unless there is one of this name.
-- $1 name  $2 the secret's digest  $3 scopes  $4 providers  $5 the time, or null for the clock of the database
INSERT INTO service_credentials (name, digest, scopes, providers, created_at, rotated_at)
SELECT $1, $2, $3, $4, c.now, c.now FROM (SELECT coalesce($5::timestamptz, clock_timestamp()) AS now) c
ON CONFLICT (name) DO NOTHING
RETURNING name, scopes, providers, created_at, rotated_at, previous_until, last_used_at
