-- Forgets who minted on a day (UTC).
-- ?1 a time of that day
DELETE FROM user_days WHERE day = ?1 / 86400000 * 86400000
