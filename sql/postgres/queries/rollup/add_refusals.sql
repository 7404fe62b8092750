-- Counts the refusals of a quarter.
-- $1 the quarter
INSERT INTO refusal_quarters (quarter, code, count)
SELECT $1::timestamptz, code, sum(count)
FROM refusals
WHERE minute >= $1::timestamptz AND minute < $1::timestamptz + interval '15 minutes'
GROUP BY code
