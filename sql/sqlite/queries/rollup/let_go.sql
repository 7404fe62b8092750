-- Lets the ledger go before a time, as far as it is closed, has no marks and nothing pending: after that no change is counted.
-- ?1 the time
UPDATE rollup_state SET kept_from = min(?1, closed_until) / 86400000 * 86400000
WHERE kept_from < min(?1, closed_until) / 86400000 * 86400000
  AND NOT EXISTS (SELECT 1 FROM rollup_marks m WHERE m.quarter < min(?1, closed_until))
  AND NOT EXISTS (
      SELECT 1 FROM mint_quarters q
      WHERE q.quarter >= kept_from AND q.quarter < min(?1, closed_until) AND q.outcome = 'pending'
  )
