-- Gives numbers to users of a day who have none. ON CONFLICT would leave gaps.
-- $1 the day
INSERT INTO user_numbers (user_key, issuer, user_id)
SELECT d.user_key, max(d.issuer COLLATE "C"), max(d.user_id COLLATE "C") FROM user_days d
WHERE d.day = $1::date AND NOT EXISTS (SELECT FROM user_numbers n WHERE n.user_key = d.user_key)
GROUP BY d.user_key
