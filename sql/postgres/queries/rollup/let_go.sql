-- Lets the ledger go before a time, as far as it is closed and has no marks.
-- $1 the time
UPDATE rollup_state SET kept_from = date_bin('1 day', least($1::timestamptz, closed_until), 'epoch')
WHERE kept_from < date_bin('1 day', least($1::timestamptz, closed_until), 'epoch')
  AND NOT EXISTS (SELECT FROM rollup_marks WHERE quarter < least($1::timestamptz, closed_until))
