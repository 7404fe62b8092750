-- Deletes a user's key of a provider.
-- $1 user key  $2 provider
DELETE FROM provider_keys WHERE user_key = $1 AND provider = $2
