-- What an operator has decided about a user; no row where nothing was decided.
-- ?1 user key  ?2 the time
SELECT role, name, disabled, CASE WHEN hourly_limit_until <= ?2 THEN NULL ELSE hourly_limit END
FROM users WHERE user_key = ?1
