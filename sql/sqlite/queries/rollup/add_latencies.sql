-- Counts the latencies of a quarter.
-- ?1 the quarter
INSERT INTO latency_quarters (quarter, role, model, outcome, up_to_ms, count, total_ms)
SELECT ?1, role, model, outcome, (SELECT min(up_to_ms) FROM latency_edges WHERE up_to_ms >= latency_ms), count(*), sum(latency_ms)
FROM mints
WHERE created_at >= ?1 AND created_at < ?1 + 900000 AND latency_ms IS NOT NULL
GROUP BY role, model, outcome, 5
