-- Takes the alert that has waited longest for its delivery, for a while: whoever takes it and dies leaves it to the next.
-- $1 the time, or null for the clock of the database  $2 for how many milliseconds
UPDATE alerts
SET attempts = attempts + 1, due_at = coalesce($1::timestamptz, clock_timestamp()) + $2::bigint * interval '1 millisecond'
WHERE id = (
    SELECT id FROM alerts
    WHERE delivery = 'pending' AND due_at <= coalesce($1::timestamptz, clock_timestamp())
    ORDER BY due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, rule, kind, subject, window_start, window_end, raised_at, value, threshold, summary, delivery, attempts, delivered_at
