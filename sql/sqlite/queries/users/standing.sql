-- What an operator has decided about a user; no row where nothing was decided.
-- ?1 user key
SELECT role, name, disabled FROM users WHERE user_key = ?1
