-- What became of a mint, refunds excepted. Done twice it does nothing more.
-- ?1 id  ?2 outcome  ?3 error code  ?4 latency in ms  ?5 expiry
UPDATE mints SET outcome = ?2, error_code = ?3, latency_ms = ?4, expires_at = ?5
WHERE id = ?1 AND outcome IN ('pending', 'unconfirmed')
