-- Whom numbers stand for.
-- $1 the numbers
SELECT number, user_key, issuer, user_id FROM user_numbers WHERE number = ANY ($1::int[])
