-- Who minted on a day, by role and number.
-- ?1 the day
SELECT d.role, n.number, d.mints, d.tokens, d.early, d.late
FROM user_days d JOIN user_numbers n ON n.user_key = d.user_key
WHERE d.day = ?1
ORDER BY d.role, n.number
