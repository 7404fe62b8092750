-- Adds a backend, unless there is one of this name.
-- ?1 name  ?2 the secret's digest  ?3 scopes and ?4 providers, with commas between  ?5 the time
INSERT INTO service_credentials (name, digest, scopes, providers, created_at, rotated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?5)
ON CONFLICT (name) DO NOTHING
RETURNING name, scopes, providers, created_at, rotated_at, previous_until, last_used_at
