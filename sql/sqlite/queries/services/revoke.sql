-- Does away with a backend's credential.
-- ?1 name
DELETE FROM service_credentials WHERE name = ?1
