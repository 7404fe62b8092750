-- Takes names and keys of erased users off alerts about them. Those that were being raised meanwhile are among them.
-- No parameters. CROSS JOIN as in blank_mints.sql.
UPDATE alerts
SET about = (SELECT e.anonymous_key FROM erasures e WHERE e.user_key = alerts.about), subject = ''
WHERE id IN (
    SELECT a.id FROM erasures e CROSS JOIN alerts a ON a.about = e.user_key WHERE a.raised_at <= e.erased_at + 60000
)
