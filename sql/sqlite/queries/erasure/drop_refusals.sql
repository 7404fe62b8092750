-- Forgets the refusals of erased users, which are counted anew under no name.
-- No parameters. CROSS JOIN as in blank_mints.sql.
DELETE FROM refusals
WHERE (user_key, code, minute) IN (
    SELECT g.user_key, g.code, g.minute FROM erasures e CROSS JOIN refusals g ON g.user_key = e.user_key
    WHERE g.minute <= e.erased_at
)
