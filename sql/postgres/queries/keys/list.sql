-- The keys that a user has of providers.
-- $1 user key
SELECT user_key, provider, version, sealed, sealing_key, mask, state, refused_at, created_at, updated_at, sealed_at, last_validated_at,
       last_used_at
FROM provider_keys WHERE user_key = $1 ORDER BY provider
