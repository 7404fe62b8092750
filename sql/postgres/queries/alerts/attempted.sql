-- Says how an attempt at a delivery ended. One that another attempt has ended meanwhile stays as it is.
-- $1 id  $2 delivery from now on  $3 milliseconds until the next attempt  $4 the time, or null for the clock of the database
UPDATE alerts a
SET delivery = $2::text, due_at = c.now + $3::bigint * interval '1 millisecond',
    delivered_at = CASE WHEN $2::text = 'delivered' THEN c.now END
FROM (SELECT coalesce($4::timestamptz, clock_timestamp()) AS now) c
WHERE a.id = $1 AND a.delivery = 'pending'
