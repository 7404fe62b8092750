-- The numbers of erased users are those of who remains of them, without a name.
-- No parameters. CROSS JOIN as in blank_mints.sql.
UPDATE user_numbers
SET user_key = (SELECT e.anonymous_key FROM erasures e WHERE e.user_key = user_numbers.user_key), issuer = '', user_id = ''
WHERE number IN (SELECT n.number FROM erasures e CROSS JOIN user_numbers n ON n.user_key = e.user_key)
