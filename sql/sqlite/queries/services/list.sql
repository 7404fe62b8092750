-- The backends, by name.
SELECT name, scopes, providers, created_at, rotated_at, previous_until, last_used_at FROM service_credentials ORDER BY name
