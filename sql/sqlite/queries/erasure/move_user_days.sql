-- Counts the days of erased users under no name and no key of theirs. Days that are counted again later are added.
-- No parameters. CROSS JOIN as in blank_mints.sql.
INSERT INTO user_days AS d (day, user_key, role, issuer, user_id, mints, tokens, early, late)
SELECT u.day, e.anonymous_key, u.role, '', '', u.mints, u.tokens, u.early, u.late
FROM erasures e CROSS JOIN user_days u ON u.user_key = e.user_key
WHERE u.day <= e.erased_at
ON CONFLICT (day, user_key, role) DO UPDATE
SET mints = d.mints + excluded.mints, tokens = d.tokens + excluded.tokens, early = d.early | excluded.early,
    late = d.late | excluded.late
