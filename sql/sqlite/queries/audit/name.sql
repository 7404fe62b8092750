-- Gives a user a pseudonym, unless they were erased since they did what is to be written.
-- ?1 user key  ?2 issuer  ?3 user id  ?4 when it was done
INSERT INTO pseudonyms (user_key, pseudonym, issuer, user_id)
SELECT ?1, randomblob(16), ?2, ?3
WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE user_key = ?1 AND erased_at > ?4)
ON CONFLICT (user_key) DO UPDATE SET issuer = excluded.issuer, user_id = excluded.user_id
