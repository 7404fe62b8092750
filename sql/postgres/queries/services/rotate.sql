-- Gives a backend another secret. The one before holds for a while yet, or not at all; the one before that no more.
-- $1 name  $2 the new secret's digest  $3 for how many seconds the old one holds, 0 is not at all
-- $4 the time, or null for the clock of the database
UPDATE service_credentials s
SET previous_digest = CASE WHEN $3::bigint > 0 THEN s.digest END,
    previous_until = CASE WHEN $3::bigint > 0 THEN c.now + $3::bigint * interval '1 second' END,
    digest = $2, rotated_at = c.now
FROM (SELECT coalesce($4::timestamptz, clock_timestamp()) AS now) c
WHERE s.name = $1
RETURNING s.name, s.scopes, s.providers, s.created_at, s.rotated_at, s.previous_until, s.last_used_at
