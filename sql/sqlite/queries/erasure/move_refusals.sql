-- Counts the refusals of erased users under no name and no key of theirs. Counts that come late are added.
-- No parameters. CROSS JOIN as in blank_mints.sql.
INSERT INTO refusals AS r (user_key, code, minute, issuer, user_id, count)
SELECT e.anonymous_key, g.code, g.minute, '', '', g.count
FROM erasures e CROSS JOIN refusals g ON g.user_key = e.user_key
WHERE g.minute <= e.erased_at
ON CONFLICT (user_key, code, minute) DO UPDATE SET count = r.count + excluded.count
