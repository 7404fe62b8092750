-- Deletes all keys that a user has of providers.
-- $1 user key
DELETE FROM provider_keys WHERE user_key = $1
