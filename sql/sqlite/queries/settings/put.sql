-- Keeps a user's settings, in place of those before.
-- ?1 user key  ?2 the settings, as a JSON object  ?3 the time
INSERT INTO personal_settings (user_key, version, document, updated_at)
VALUES (?1, randomblob(16), ?2, ?3)
ON CONFLICT (user_key) DO UPDATE
SET version = excluded.version, document = excluded.document, updated_at = excluded.updated_at
RETURNING version, document, updated_at
