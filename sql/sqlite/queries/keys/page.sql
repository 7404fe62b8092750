-- Keys of everybody, in the order of their users' keys.
-- ?1 user key and ?2 provider after which to begin  ?3 how many
SELECT user_key, provider, version, sealed, sealing_key, mask, state, refused_at, created_at, updated_at, sealed_at, last_validated_at,
       last_used_at
FROM provider_keys WHERE (user_key, provider) > (?1, ?2) ORDER BY user_key, provider LIMIT ?3
