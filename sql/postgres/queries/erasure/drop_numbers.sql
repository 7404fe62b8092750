-- Forgets the numbers of all users where no day has any.
-- No parameters.
DELETE FROM user_numbers WHERE NOT EXISTS (SELECT FROM packed_days)
