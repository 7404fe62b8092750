-- The backend whose secret has this digest. is_due: its use was last noted an hour ago, or never.
-- ?1 digest  ?2 the time
SELECT name, scopes, providers, coalesce(last_used_at <= ?2 - 3600000, true) AS is_due
FROM service_credentials WHERE digest = ?1 OR (previous_digest = ?1 AND previous_until > ?2)
