-- Takes the names of erased users off mints that still count against their hour.
-- $1 the time, or null for the clock of the database
-- Rows that somebody else holds are left for the next time: a mint that is being settled must not wait for this.
UPDATE mints SET issuer = '', user_id = '', request_id = ''
WHERE id IN (
    SELECT m.id FROM erasures e JOIN mints m ON m.user_key = e.user_key
    WHERE m.created_at <= e.erased_at AND m.created_at > coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour'
      AND m.user_id <> ''
    FOR UPDATE OF m SKIP LOCKED
)
