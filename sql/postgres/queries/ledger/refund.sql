-- Gives back what was spent on mints of which surely nothing was handed out. Done twice it does nothing more.
-- $1 ids  $2 error codes  $3 latencies in ms, one array element for each mint
-- $4 the time, or null for the clock of the database
--
-- As in spend.sql, each table is asked by an array of keys, so that a plan made once is good for any size.
WITH given AS MATERIALIZED (
    SELECT id, error_code, latency_ms FROM unnest($1::uuid[], $2::text[], $3::int[]) AS g(id, error_code, latency_ms)
), due AS MATERIALIZED (
    -- Rows in one order, so that two of these never wait for each other.
    SELECT m.id FROM mints m
    WHERE m.id = ANY($1) AND m.outcome IN ('pending', 'unconfirmed')
    ORDER BY m.id
    FOR UPDATE OF m
), refunded AS (
    UPDATE mints m SET outcome = 'refunded', error_code = g.error_code, latency_ms = g.latency_ms
    FROM given g JOIN due d USING (id)
    WHERE m.id = ANY($1) AND m.id = d.id
    RETURNING m.user_key, m.created_at
), late AS (
    -- The rollups may have counted these quarters.
    INSERT INTO rollup_marks (quarter)
    SELECT DISTINCT date_bin('15 minutes', created_at, 'epoch') FROM refunded
    WHERE created_at < coalesce($4::timestamptz, clock_timestamp()) - interval '5 minutes'
), per_user AS MATERIALIZED (
    -- UPDATE … FROM applies one match per row: all that goes back to a user goes back at once.
    SELECT user_key, array_agg(created_at) AS stamps FROM refunded GROUP BY user_key
), locked AS MATERIALIZED (
    SELECT h.user_key FROM rolling_hours h
    WHERE h.user_key = ANY(ARRAY(SELECT user_key FROM per_user)) ORDER BY h.user_key FOR UPDATE OF h
)
UPDATE rolling_hours h
-- One stamp for each mint: mints that were entered later may share theirs with another's.
SET stamps = ARRAY(SELECT s FROM (SELECT unnest(h.stamps) EXCEPT ALL SELECT unnest(p.stamps)) AS kept(s) ORDER BY s)
FROM per_user p JOIN locked l USING (user_key)
WHERE h.user_key = ANY(ARRAY(SELECT user_key FROM locked)) AND h.user_key = l.user_key
