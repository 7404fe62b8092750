-- How many tokens a user was handed out, or may have been.
-- $1 user key  $2 the time, or null for the clock of the database
-- The time is spelled out each time: as a column it could not bound the index scan.
SELECT count(*) FILTER (WHERE created_at > coalesce($2::timestamptz, statement_timestamp()) - interval '1 hour') AS last_hour,
       count(*) FILTER (WHERE created_at > coalesce($2::timestamptz, statement_timestamp()) - interval '1 day') AS last_day,
       count(*) AS last_30_days
FROM mints
WHERE user_key = $1::bytea AND outcome IN ('issued', 'unconfirmed')
  AND created_at > coalesce($2::timestamptz, statement_timestamp()) - interval '30 days'
