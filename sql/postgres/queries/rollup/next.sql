-- The quarter that is closed next, whether its time has come, how far the rollups are, and since when the ledger is whole.
-- Quarters in which nothing happened are passed over: up to the next row, or to the last quarter that is long enough over.
-- $1 the time, or null for the clock of the database
SELECT q.next, q.next + interval '30 minutes' <= c.now AS due, s.closed_until, s.kept_from
FROM rollup_state s,
     (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now) c,
     LATERAL (
         SELECT greatest(s.closed_until,
                         date_bin('15 minutes',
                                  least((SELECT min(created_at) FROM mints WHERE created_at >= s.closed_until),
                                        (SELECT min(minute) FROM refusals WHERE minute >= s.closed_until),
                                        c.now - interval '30 minutes'),
                                  'epoch')) AS next
     ) q
