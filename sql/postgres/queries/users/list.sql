-- Users about whom an operator has decided something, in the order of their ids' bytes.
-- $1 the first and $2 the last id that is wanted  $3 id and $4 key of the user after whom to begin, or two empty values
-- $5 how many
SELECT user_key, issuer, user_id, role, name, disabled, hourly_limit, hourly_limit_until, created_at, updated_at
FROM users
WHERE user_id COLLATE "C" >= $1 AND user_id COLLATE "C" <= $2 AND (user_id COLLATE "C", user_key) > ($3, $4::bytea)
ORDER BY user_id COLLATE "C", user_key
LIMIT $5
