-- Forgets what was put together of all days, where an erased user's number can't just go to who remains of them: that one has a
-- number, or the user had come back and was counted before this was run. It takes a service that stood still for a day.
-- No parameters.
DELETE FROM packed_days
WHERE EXISTS (
    SELECT FROM erasures e JOIN user_numbers n ON n.user_key = e.user_key
    WHERE EXISTS (SELECT FROM user_numbers a WHERE a.user_key = e.anonymous_key)
       OR EXISTS (SELECT FROM packed_days p WHERE p.day > (e.erased_at AT TIME ZONE 'UTC')::date)
)
