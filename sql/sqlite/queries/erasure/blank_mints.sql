-- Takes the names of erased users off mints that still count against their hour.
-- ?1 the time
UPDATE mints SET issuer = '', user_id = '', request_id = ''
WHERE id IN (
    SELECT m.id FROM erasures e JOIN mints m ON m.user_key = e.user_key
    WHERE m.created_at <= e.erased_at AND m.created_at > ?1 - 3600000 AND m.user_id <> ''
)
