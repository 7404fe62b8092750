-- Forgets from where credentials were refused before a time.
-- ?1 the time
DELETE FROM failed_authentications WHERE minute < ?1
