-- How often anybody was refused, by code.
-- $1 minutes from this one on
SELECT code, sum(count)::bigint AS count FROM refusals WHERE minute >= $1 GROUP BY code ORDER BY code COLLATE "C"
