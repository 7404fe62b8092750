-- What an operator has decided about a user; no row where nothing was decided.
-- $1 user key  $2 the time, or null for the clock of the database
SELECT role, name, disabled,
       CASE WHEN hourly_limit_until <= coalesce($2::timestamptz, clock_timestamp()) THEN NULL ELSE hourly_limit END AS hourly_limit
FROM users WHERE user_key = $1
