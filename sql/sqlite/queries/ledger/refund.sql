-- Gives back what was spent on a mint of which surely nothing was handed out. Done twice it does nothing more.
-- ?1 id  ?2 error code  ?3 latency in ms
UPDATE mints SET outcome = 'refunded', refunded = 1, error_code = ?2, latency_ms = ?3
WHERE id = ?1 AND outcome IN ('pending', 'unconfirmed')
