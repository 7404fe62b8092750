-- The quarter that is closed next, whether its time has come, how far the rollups are, and since when the ledger is whole.
-- Quarters in which nothing happened are passed over: up to the next row, or to the last quarter that is long enough over.
-- ?1 the time
SELECT next, next + 1800000 <= ?1 AS due, closed_until, kept_from
FROM (
    SELECT max(closed_until,
               min(coalesce((SELECT min(created_at) FROM mints WHERE created_at >= closed_until), ?1),
                   coalesce((SELECT min(minute) FROM refusals WHERE minute >= closed_until), ?1),
                   ?1 - 1800000) / 900000 * 900000) AS next, closed_until, kept_from
    FROM rollup_state WHERE id = 1
)
