-- How many tokens a user was handed out, or may have been.
-- ?1 user key  ?2 the time
SELECT count(*) FILTER (WHERE created_at > ?2 - 3600000) AS last_hour,
       count(*) FILTER (WHERE created_at > ?2 - 86400000) AS last_day,
       count(*) AS last_30_days
FROM mints
WHERE user_key = ?1 AND created_at > ?2 - 2592000000 AND outcome IN ('issued', 'unconfirmed')
