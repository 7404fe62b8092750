-- Drops the marks on a quarter that is counted next, from all that is there.
-- $1 the quarter
DELETE FROM rollup_marks WHERE quarter = $1
