-- How far the rollups are, and since when the ledger is whole. No parameters.
SELECT closed_until, kept_from FROM rollup_state
