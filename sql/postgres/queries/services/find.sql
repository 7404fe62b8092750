-- The backend whose secret has this digest. is_due: its use was last noted an hour ago, or never.
-- $1 digest  $2 the time, or null for the clock of the database
SELECT name, scopes, providers,
       coalesce(last_used_at <= coalesce($2::timestamptz, clock_timestamp()) - interval '1 hour', true) AS is_due
FROM service_credentials
WHERE digest = $1 OR (previous_digest = $1 AND previous_until > coalesce($2::timestamptz, clock_timestamp()))
