-- Takes names and keys of erased users off alerts about them. Those that were being raised meanwhile are among them.
-- No parameters.
UPDATE alerts a SET about = e.anonymous_key, subject = ''
FROM erasures e
WHERE a.about = e.user_key AND a.raised_at <= e.erased_at + interval '1 minute'
