-- Gives numbers to users of a day who have none.
-- ?1 the day
INSERT INTO user_numbers (user_key, issuer, user_id)
SELECT d.user_key, max(d.issuer), max(d.user_id) FROM user_days d
WHERE d.day = ?1 AND NOT EXISTS (SELECT 1 FROM user_numbers n WHERE n.user_key = d.user_key)
GROUP BY d.user_key
