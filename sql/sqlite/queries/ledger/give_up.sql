-- Mints that are still pending long after any answer could have come: nobody knows what became of them, so they count.
-- ?1 made before this time  ?2 ids after this one only: ids are ordered by time, so this bounds what is read
UPDATE mints SET outcome = 'unconfirmed' WHERE id >= ?2 AND outcome = 'pending' AND created_at < ?1
