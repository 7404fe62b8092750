-- A quarter is closed.
-- $1 the quarter
UPDATE rollup_state SET closed_until = $1::timestamptz + interval '15 minutes'
