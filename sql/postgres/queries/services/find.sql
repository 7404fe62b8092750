-- The backend whose secret has this digest. is_due: its use was last noted an hour ago, or never.
-- $1 digest  $2 the time, or null for the clock of the database
SELECT s.name, s.scopes, s.providers, coalesce(s.last_used_at <= c.now - interval '1 hour', true) AS is_due
FROM service_credentials s, (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) c
WHERE s.digest = $1 OR (s.previous_digest = $1 AND s.previous_until > c.now)
