-- Stores a user's key of a provider, unless they have one.
-- ?1 user key  ?2 provider  ?3 the sealed key  ?4 the id of the sealing key  ?5 mask  ?6 state  ?7 the time
INSERT INTO provider_keys (user_key, provider, version, sealed, sealing_key, mask, state, created_at, updated_at, sealed_at,
                           last_validated_at)
VALUES (?1, ?2, randomblob(16), ?3, ?4, ?5, ?6, ?7, ?7, ?7, CASE WHEN ?6 = 'valid' THEN ?7 END)
ON CONFLICT (user_key, provider) DO NOTHING
