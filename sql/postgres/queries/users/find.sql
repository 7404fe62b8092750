-- All that an operator has decided about a user.
-- $1 user key
SELECT user_key, issuer, user_id, role, name, disabled, hourly_limit, hourly_limit_until, created_at, updated_at
FROM users WHERE user_key = $1
