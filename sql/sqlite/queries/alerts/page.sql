-- Alerts, newest first.
-- ?1 the id before which to begin  ?2 how many
SELECT id, rule, kind, subject, window_start, window_end, raised_at, value, threshold, summary, delivery, attempts, delivered_at
FROM alerts
WHERE id < ?1
ORDER BY id DESC
LIMIT ?2
