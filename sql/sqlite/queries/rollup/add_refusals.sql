-- Counts the refusals of a quarter.
-- ?1 the quarter
INSERT INTO refusal_quarters (quarter, code, count)
SELECT ?1, code, sum(count) FROM refusals WHERE minute >= ?1 AND minute < ?1 + 900000 GROUP BY code
