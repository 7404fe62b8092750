-- Takes names and keys of erased users off mints that no longer count against any hour.
-- ?1 the time  ?2 how many at most
-- CROSS JOIN as in blank_mints.sql.
UPDATE mints
SET user_key = (SELECT e.anonymous_key FROM erasures e WHERE e.user_key = mints.user_key),
    issuer = '', user_id = '', request_id = ''
WHERE id IN (
    SELECT m.id FROM erasures e CROSS JOIN mints m ON m.user_key = e.user_key
    WHERE m.created_at <= min(e.erased_at, ?1 - 3600000)
    LIMIT ?2
)
