-- The first closed day (UTC) whose users are not put together yet. Steps from day to day: there are many users to each.
-- A day that has rows of erased users waits until these are moved. No parameters.
WITH RECURSIVE days AS (
    SELECT min(day) AS day FROM user_days
    UNION ALL
    SELECT (SELECT min(u.day) FROM user_days u WHERE u.day > d.day) FROM days d WHERE d.day IS NOT NULL
)
SELECT d.day FROM days d
WHERE d.day < (SELECT (closed_until AT TIME ZONE 'UTC')::date FROM rollup_state)
  AND NOT EXISTS (SELECT FROM packed_days p WHERE p.day = d.day)
  AND NOT EXISTS (
      SELECT FROM erasures e JOIN user_days u ON u.user_key = e.user_key AND u.day = d.day
      WHERE u.day <= (e.erased_at AT TIME ZONE 'UTC')::date
  )
LIMIT 1
