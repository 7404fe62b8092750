-- Users who minted more often than so many times, most first. Erased ones are nobody's business.
-- $1 from  $2 to  $3 how many times  $4 how many users at most
SELECT user_key AS about, max(user_id COLLATE "C") AS subject, count(*) AS count
FROM mints
WHERE created_at >= $1 AND created_at < $2 AND user_id <> ''
GROUP BY user_key
HAVING count(*) > $3::bigint
ORDER BY count(*) DESC, user_key
LIMIT $4
