-- Takes names and keys of erased users off the counts of their refusals. Counts that come late are added.
-- No parameters.
WITH gone AS (
    DELETE FROM refusals r USING erasures e
    WHERE r.user_key = e.user_key AND r.minute <= e.erased_at
    RETURNING e.anonymous_key, r.code, r.minute, r.count
)
INSERT INTO refusals AS r (user_key, code, minute, issuer, user_id, count)
SELECT anonymous_key, code, minute, '', '', count FROM gone ORDER BY anonymous_key, code, minute
ON CONFLICT (user_key, code, minute) DO UPDATE SET count = r.count + excluded.count
