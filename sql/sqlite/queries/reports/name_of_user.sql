-- Whom a number stands for.
-- ?1 the number
SELECT user_key, issuer, user_id FROM user_numbers WHERE number = ?1
