-- Writes down what the provider said of a user's key, unless the key has been replaced since.
-- ?1 user key  ?2 provider  ?3 the version that was tried  ?4 state  ?5 the time
UPDATE provider_keys
SET version = randomblob(16), state = ?4,
    refused_at = CASE WHEN ?4 = 'valid' THEN NULL ELSE ?5 END,
    last_validated_at = CASE WHEN ?4 = 'valid' THEN ?5 ELSE last_validated_at END
WHERE user_key = ?1 AND provider = ?2 AND version = ?3
