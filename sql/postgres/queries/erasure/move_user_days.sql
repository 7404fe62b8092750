-- Takes names and keys of erased users off their days. Days that are counted again later are added.
-- No parameters.
WITH gone AS (
    DELETE FROM user_days d USING erasures e
    WHERE d.user_key = e.user_key AND d.day <= (e.erased_at AT TIME ZONE 'UTC')::date
    RETURNING d.day, e.anonymous_key, d.role, d.mints, d.tokens, d.early, d.late
)
INSERT INTO user_days AS d (day, user_key, role, issuer, user_id, mints, tokens, early, late)
SELECT day, anonymous_key, role, '', '', mints, tokens, early, late FROM gone ORDER BY day, anonymous_key, role
ON CONFLICT (day, user_key, role) DO UPDATE
SET mints = d.mints + excluded.mints, tokens = d.tokens + excluded.tokens, early = d.early | excluded.early,
    late = d.late | excluded.late
