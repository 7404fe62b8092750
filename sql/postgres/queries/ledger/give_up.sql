-- Mints that are still pending long after any answer could have come: nobody knows what became of them, so they count.
-- Says how many there were.
-- $1 the time, or null for the clock of the database  $2 how old a mint has to be, in milliseconds
-- $3 ids that are younger than this uuid only: ids are ordered by time, so this bounds what is read
WITH given_up AS (
    UPDATE mints SET outcome = 'unconfirmed'
    WHERE id IN (
        SELECT id FROM mints
        WHERE id >= $3::uuid AND outcome = 'pending'
          AND created_at < coalesce($1::timestamptz, clock_timestamp()) - $2::bigint * interval '1 millisecond'
        FOR UPDATE SKIP LOCKED
    )
    RETURNING created_at
), late AS (
    -- The rollups may have counted these quarters.
    INSERT INTO rollup_marks (quarter)
    SELECT DISTINCT date_bin('15 minutes', created_at, 'epoch') FROM given_up
    WHERE created_at < coalesce($1::timestamptz, clock_timestamp()) - interval '5 minutes'
)
SELECT count(*) AS count FROM given_up
