-- The quarter that is closed next, whether its time has come, and since when the ledger is whole. The first one is that of the
-- oldest row.
-- $1 the time, or null for the clock of the database
SELECT q.next, q.next + interval '30 minutes' <= c.now AS due, s.kept_from
FROM rollup_state s,
     (SELECT coalesce($1::timestamptz, clock_timestamp()) AS now) c,
     LATERAL (
         SELECT CASE WHEN s.closed_until > 'epoch' THEN s.closed_until
                ELSE date_bin('15 minutes', least((SELECT min(created_at) FROM mints), (SELECT min(minute) FROM refusals), c.now),
                              'epoch')
                END AS next
     ) q
