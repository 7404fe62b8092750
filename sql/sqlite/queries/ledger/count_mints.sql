-- How many mints each role has had, by what became of them.
-- ?1 ids from this one on: ids are ordered by time, so this bounds what is read
SELECT role, outcome, count(*) AS count FROM mints WHERE id >= ?1 GROUP BY role, outcome ORDER BY role, outcome
