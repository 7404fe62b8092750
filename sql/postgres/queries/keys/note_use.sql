-- Notes that keys were used, to the hour: most of them were noted already.
-- $1 user keys  $2 providers  $3 the time, or null for the clock of the database
-- Rows are locked in the order of their keys.
WITH clock AS MATERIALIZED (
    SELECT coalesce($3::timestamptz, clock_timestamp()) AS now
), due AS MATERIALIZED (
    SELECT k.user_key, k.provider
    FROM unnest($1::bytea[], $2::text[]) AS u(user_key, provider) JOIN provider_keys k USING (user_key, provider), clock c
    WHERE k.last_used_at IS NULL OR k.last_used_at <= c.now - interval '1 hour'
    ORDER BY k.user_key, k.provider
    FOR UPDATE OF k
)
UPDATE provider_keys k SET last_used_at = c.now
FROM due d, clock c WHERE k.user_key = d.user_key AND k.provider = d.provider
