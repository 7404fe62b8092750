-- Users who had more tokens than so many on a day (UTC), most first. Erased ones are nobody's business.
-- ?1 the day  ?2 how many tokens  ?3 how many users at most
SELECT user_key AS about, max(user_id) AS subject, sum(tokens) AS count
FROM usage_user_days
WHERE day = ?1 AND user_id <> ''
GROUP BY user_key
HAVING sum(tokens) > ?2
ORDER BY sum(tokens) DESC, user_key
LIMIT ?3
