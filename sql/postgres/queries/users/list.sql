-- Users about whom an operator has decided something, in the order of their ids' bytes.
-- $1 id and $2 key of the user after whom to begin  $3 the last id that is wanted  $4 how many
-- One comparison says where to begin: of two, the index would take the wrong one.
SELECT user_key, issuer, user_id, role, name, disabled, hourly_limit, hourly_limit_until, created_at, updated_at
FROM users
WHERE (user_id COLLATE "C", user_key) > ($1, $2::bytea) AND user_id COLLATE "C" <= $3
ORDER BY user_id COLLATE "C", user_key
LIMIT $4
