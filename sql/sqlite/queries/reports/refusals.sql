-- Refusals by quarter and code.
-- ?1 from  ?2 to
SELECT quarter, code, count FROM usage_refusals WHERE quarter >= ?1 AND quarter < ?2
