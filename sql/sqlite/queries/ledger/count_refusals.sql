-- Adds to the count of refusals of a user, code and minute.
-- ?1 user key  ?2 issuer  ?3 user id  ?4 code  ?5 minute  ?6 count
INSERT INTO refusals AS r (user_key, issuer, user_id, code, minute, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (user_key, code, minute) DO UPDATE SET count = r.count + excluded.count
