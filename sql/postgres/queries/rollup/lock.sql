-- Whether this transaction may change the rollups: one at a time, whoever else wants to. Ends with the transaction.
-- No parameters.
SELECT pg_try_advisory_xact_lock(7310019401) AS locked
