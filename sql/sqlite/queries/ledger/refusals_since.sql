-- Who was refused how often, by minute, the newest minutes first. Who was erased is left out.
-- ?1 minutes from this one on  ?2 how many rows
SELECT issuer, user_id, code, minute, count FROM refusals
WHERE minute >= ?1 AND user_id <> ''
ORDER BY minute DESC, user_key, code
LIMIT ?2
