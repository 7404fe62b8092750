-- Lets the ledger go before a time, as far as it is closed and has no marks.
-- ?1 the time
UPDATE rollup_state SET kept_from = min(?1, closed_until) / 86400000 * 86400000
WHERE kept_from < min(?1, closed_until) / 86400000 * 86400000
  AND NOT EXISTS (SELECT 1 FROM rollup_marks WHERE quarter < min(?1, closed_until))
