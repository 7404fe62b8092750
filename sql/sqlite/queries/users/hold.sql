-- Whether a user may have less than others by an operator's decision.
-- ?1 user key
SELECT disabled, role IS NOT NULL OR hourly_limit IS NOT NULL AS held
FROM users WHERE user_key = ?1
