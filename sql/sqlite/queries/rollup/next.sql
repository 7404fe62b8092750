-- The quarter that is closed next, whether its time has come, and since when the ledger is whole. The first one is that of the
-- oldest row.
-- ?1 the time
SELECT next, next + 1800000 <= ?1 AS due, kept_from
FROM (
    SELECT CASE WHEN closed_until > 0 THEN closed_until
           ELSE min(coalesce((SELECT min(created_at) FROM mints), ?1), coalesce((SELECT min(minute) FROM refusals), ?1), ?1)
                / 900000 * 900000
           END AS next, kept_from
    FROM rollup_state WHERE id = 1
)
