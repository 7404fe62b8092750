-- Takes the names of erased users off mints that still count against their hour.
-- ?1 the time
-- CROSS JOIN: the few who are being erased come first, whatever the planner would think of tables that it knows nothing of.
UPDATE mints SET issuer = '', user_id = '', request_id = ''
WHERE id IN (
    SELECT m.id FROM erasures e CROSS JOIN mints m ON m.user_key = e.user_key
    WHERE m.created_at <= e.erased_at AND m.created_at > ?1 - 3600000 AND m.user_id <> ''
)
