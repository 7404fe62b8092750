-- Forgets what an operator has decided about a user.
-- ?1 user key
DELETE FROM users WHERE user_key = ?1
