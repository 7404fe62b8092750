-- How many tokens a user was handed out, or may have been.
-- $1 user key  $2 the time, or null for the clock of the database
SELECT count(*) FILTER (WHERE m.created_at > c.now - interval '1 hour') AS last_hour,
       count(*) FILTER (WHERE m.created_at > c.now - interval '1 day') AS last_day,
       count(*) AS last_30_days
FROM (SELECT coalesce($2::timestamptz, clock_timestamp()) AS now) c
JOIN mints m ON m.user_key = $1::bytea AND m.created_at > c.now - interval '30 days'
WHERE m.outcome IN ('issued', 'unconfirmed')
