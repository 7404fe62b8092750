-- Adds who minted from one time to another to their days. What was added once must not be added again.
-- ?1 from  ?2 to, on the same day (UTC)
INSERT INTO user_days AS d (day, user_key, role, issuer, user_id, mints, tokens, early, late)
SELECT ?1 / 86400000 * 86400000, user_key, role, max(issuer), max(user_id), count(*), sum(outcome IN ('issued', 'unconfirmed')),
       sum(DISTINCT CASE WHEN outcome IN ('issued', 'unconfirmed') AND created_at / 900000 % 96 < 48
                         THEN 1 << (created_at / 900000 % 96) ELSE 0 END),
       sum(DISTINCT CASE WHEN outcome IN ('issued', 'unconfirmed') AND created_at / 900000 % 96 >= 48
                         THEN 1 << (created_at / 900000 % 96 - 48) ELSE 0 END)
FROM mints
WHERE created_at >= ?1 AND created_at < ?2
GROUP BY user_key, role
ON CONFLICT (day, user_key, role) DO UPDATE
SET mints = d.mints + excluded.mints, tokens = d.tokens + excluded.tokens, early = d.early | excluded.early,
    late = d.late | excluded.late
