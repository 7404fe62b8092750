-- How long the provider took, by role, model and outcome.
-- ?1 from  ?2 to  ?3 a role, or null for all
SELECT role, model, outcome, up_to_ms, sum(count) AS count, sum(total_ms) AS total_ms
FROM usage_latencies
WHERE quarter >= ?1 AND quarter < ?2 AND (?3 IS NULL OR role = ?3)
GROUP BY 1, 2, 3, 4
