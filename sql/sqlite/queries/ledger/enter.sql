-- The ledger row of a mint that was granted while the store could not be asked. One that is there already stays as it is.
-- ?1 id  ?2 user key  ?3 issuer  ?4 user id  ?5 role  ?6 language  ?7 session type  ?8 model  ?9 key source
-- ?10 request id  ?11 when it was granted
INSERT INTO mints (id, user_key, issuer, user_id, role, language, session_type, model, key_source, request_id, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (id) DO NOTHING
