-- Forgets what was counted of a quarter.
-- $1 the quarter
DELETE FROM mint_quarters WHERE quarter = $1
