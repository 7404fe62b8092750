-- Notes that a backend was here.
-- ?1 name  ?2 the time
UPDATE service_credentials SET last_used_at = ?2 WHERE name = ?1
