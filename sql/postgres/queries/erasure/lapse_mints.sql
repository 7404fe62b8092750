-- Takes names and keys of erased users off mints that no longer count against any hour.
-- $1 the time, or null for the clock of the database  $2 how many at most
WITH due AS MATERIALIZED (
    SELECT m.id, e.anonymous_key
    FROM erasures e JOIN mints m ON m.user_key = e.user_key
    WHERE m.created_at <= least(e.erased_at, coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour')
    LIMIT $2
    FOR UPDATE OF m SKIP LOCKED
)
UPDATE mints m SET user_key = d.anonymous_key, issuer = '', user_id = '', request_id = ''
FROM due d WHERE m.id = d.id
