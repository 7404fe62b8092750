-- Lets the ledger go before a time, as far as it is closed, has no marks and nothing pending: after that no change is counted.
-- $1 the time
UPDATE rollup_state s SET kept_from = date_bin('1 day', least($1::timestamptz, s.closed_until), 'epoch')
WHERE s.kept_from < date_bin('1 day', least($1::timestamptz, s.closed_until), 'epoch')
  AND NOT EXISTS (SELECT FROM rollup_marks m WHERE m.quarter < least($1::timestamptz, s.closed_until))
  AND NOT EXISTS (
      SELECT FROM mint_quarters q
      WHERE q.quarter >= s.kept_from AND q.quarter < least($1::timestamptz, s.closed_until) AND q.outcome = 'pending'
  )
