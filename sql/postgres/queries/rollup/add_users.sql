-- Adds who minted from one time to another to their days. What was added once must not be added again.
-- $1 from  $2 to, on the same day (UTC)
INSERT INTO user_days AS d (day, user_key, role, issuer, user_id, mints, tokens, early, late)
SELECT ($1::timestamptz AT TIME ZONE 'UTC')::date, m.user_key, m.role, max(m.issuer), max(m.user_id), count(*),
       count(*) FILTER (WHERE t.is_token),
       coalesce(bit_or(1::bigint << q.n) FILTER (WHERE t.is_token AND q.n < 48), 0),
       coalesce(bit_or(1::bigint << (q.n - 48)) FILTER (WHERE t.is_token AND q.n >= 48), 0)
FROM mints m,
     LATERAL (SELECT (floor(extract(epoch FROM m.created_at))::bigint / 900 % 96)::int AS n) q,
     LATERAL (SELECT m.outcome IN ('issued', 'unconfirmed') AS is_token) t
WHERE m.created_at >= $1::timestamptz AND m.created_at < $2::timestamptz
GROUP BY m.user_key, m.role
ON CONFLICT (day, user_key, role) DO UPDATE
SET mints = d.mints + excluded.mints, tokens = d.tokens + excluded.tokens, early = d.early | excluded.early,
    late = d.late | excluded.late
