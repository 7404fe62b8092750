-- Forgets the histograms of a quarter.
-- ?1 the quarter
DELETE FROM latency_quarters WHERE quarter = ?1
