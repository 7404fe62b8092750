-- Forgets the refusals that were counted of a quarter.
-- ?1 the quarter
DELETE FROM refusal_quarters WHERE quarter = ?1
