-- Stores a user's key of a provider, unless they have one.
-- $1 user key  $2 provider  $3 the sealed key  $4 the id of the sealing key  $5 mask  $6 state
-- $7 the time, or null for the clock of the database
INSERT INTO provider_keys (user_key, provider, sealed, sealing_key, mask, state, created_at, updated_at, sealed_at,
                           last_validated_at)
SELECT $1, $2, $3, $4, $5, $6::text, c.now, c.now, c.now, CASE WHEN $6::text = 'valid' THEN c.now END
FROM (SELECT coalesce($7::timestamptz, clock_timestamp()) AS now) c
ON CONFLICT (user_key, provider) DO NOTHING
