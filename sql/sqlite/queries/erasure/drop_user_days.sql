-- Forgets the days of erased users, which are counted anew under no name.
-- No parameters. CROSS JOIN as in blank_mints.sql.
DELETE FROM user_days
WHERE (day, user_key, role) IN (
    SELECT u.day, u.user_key, u.role FROM erasures e CROSS JOIN user_days u ON u.user_key = e.user_key
    WHERE u.day <= e.erased_at
)
