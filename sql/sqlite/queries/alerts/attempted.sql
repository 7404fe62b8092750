-- Says how an attempt at a delivery ended. One that another attempt has ended meanwhile stays as it is.
-- ?1 id  ?2 delivery from now on  ?3 milliseconds until the next attempt  ?4 the time
UPDATE alerts
SET delivery = ?2, due_at = ?4 + ?3, delivered_at = CASE WHEN ?2 = 'delivered' THEN ?4 END
WHERE id = ?1 AND delivery = 'pending'
