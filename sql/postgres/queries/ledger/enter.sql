-- Enters mints that were granted while the store could not be asked: their ledger rows, and their stamps in the rolling
-- hours, whatever room these have. A mint that has its row is passed over: its stamp was taken with the row.
--
-- One array element for each mint:
-- $1 ids  $2 user keys  $3 issuers  $4 user ids  $5 hourly limits  $6 roles  $7 languages  $8 session types  $9 models
-- $10 key sources  $11 request ids  $12 when each was granted
-- $13 the time, or null for the clock of the database
WITH clock AS MATERIALIZED (
    SELECT coalesce($13::timestamptz, clock_timestamp()) AS now
), entered AS (
    INSERT INTO mints (id, user_key, issuer, user_id, role, language, session_type, model, key_source, request_id, created_at)
    SELECT g.id, g.user_key, g.issuer, g.user_id, g.role, g.language, g.session_type, g.model, g.key_source, g.request_id,
           -- The granting process may be ahead of the database; a stamp from the future would count for too long.
           least(g.created_at, c.now)
    FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                $11::text[], $12::timestamptz[])
         AS g(id, user_key, issuer, user_id, role, language, session_type, model, key_source, request_id, created_at),
         clock c
    ORDER BY g.user_key, g.id
    ON CONFLICT (id) DO NOTHING
    RETURNING user_key, created_at
), late AS (
    -- The rollups may have counted these quarters.
    INSERT INTO rollup_marks (quarter)
    SELECT DISTINCT date_bin('15 minutes', e.created_at, 'epoch') FROM entered e, clock c
    WHERE e.created_at < c.now - interval '5 minutes'
), per_user AS MATERIALIZED (
    SELECT user_key, array_agg(created_at ORDER BY created_at) AS stamps FROM entered GROUP BY user_key
), limits AS (
    SELECT user_key, max(hourly_limit) AS hourly_limit
    FROM unnest($2::bytea[], $5::int[]) AS l(user_key, hourly_limit) GROUP BY user_key
)
INSERT INTO rolling_hours AS h (user_key, stamps, hourly_limit, seen_at)
SELECT p.user_key, p.stamps, l.hourly_limit, c.now
FROM per_user p JOIN limits l USING (user_key), clock c
ORDER BY p.user_key
-- Stamps stay sorted; two of them may be the same, for replicas that granted at the same moment.
ON CONFLICT (user_key) DO UPDATE SET stamps = ARRAY(SELECT s FROM unnest(h.stamps || excluded.stamps) s ORDER BY s)
