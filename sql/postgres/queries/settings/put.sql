-- Keeps a user's settings, in place of those before.
-- $1 user key  $2 the settings, as a JSON object  $3 the time, or null for the clock of the database
INSERT INTO personal_settings (user_key, document, updated_at)
VALUES ($1, $2, coalesce($3::timestamptz, clock_timestamp()))
ON CONFLICT (user_key) DO UPDATE
SET version = excluded.version, document = excluded.document, updated_at = excluded.updated_at
RETURNING version, document, updated_at
