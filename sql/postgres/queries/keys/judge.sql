-- Writes down what the provider said of a user's key, unless the key has been replaced since.
-- $1 user key  $2 provider  $3 the version that was tried  $4 state  $5 the time, or null for the clock of the database
UPDATE provider_keys k
SET version = gen_random_uuid(), state = $4::text,
    refused_at = CASE WHEN $4::text = 'valid' THEN NULL ELSE c.now END,
    last_validated_at = CASE WHEN $4::text = 'valid' THEN c.now ELSE last_validated_at END
FROM (SELECT coalesce($5::timestamptz, clock_timestamp()) AS now) c
WHERE user_key = $1 AND provider = $2 AND version = $3
