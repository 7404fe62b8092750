-- Forgets the keys of erased users whose last hour has lapsed, and a minute more, for clocks that differ.
-- $1 the time, or null for the clock of the database
WITH clock AS MATERIALIZED (
    SELECT coalesce($1::timestamptz, clock_timestamp()) AS now
), lapsed AS (
    DELETE FROM erasures e USING clock c
    WHERE e.erased_at <= c.now - interval '61 minutes'
      AND NOT EXISTS (SELECT 1 FROM mints m WHERE m.user_key = e.user_key AND m.created_at <= e.erased_at)
      AND NOT EXISTS (SELECT 1 FROM user_days d WHERE d.user_key = e.user_key AND d.day <= (e.erased_at AT TIME ZONE 'UTC')::date)
    RETURNING e.user_key
)
-- Whoever has come back since then has an hour of their own.
DELETE FROM rolling_hours h USING lapsed o, clock c
WHERE h.user_key = o.user_key AND h.seen_at <= c.now - interval '1 hour'
