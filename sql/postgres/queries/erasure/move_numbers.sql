-- The numbers of erased users are those of who remains of them, without a name.
-- No parameters.
UPDATE user_numbers n SET user_key = e.anonymous_key, issuer = '', user_id = ''
FROM erasures e WHERE n.user_key = e.user_key
