-- Takes the alert that has waited longest for its delivery, for a while: whoever takes it and dies leaves it to the next.
-- ?1 the time  ?2 for how many milliseconds
UPDATE alerts
SET attempts = attempts + 1, due_at = ?1 + ?2
WHERE id = (SELECT id FROM alerts WHERE delivery = 'pending' AND due_at <= ?1 ORDER BY due_at LIMIT 1)
RETURNING id, rule, kind, subject, window_start, window_end, raised_at, value, threshold, summary, delivery, attempts, delivered_at
