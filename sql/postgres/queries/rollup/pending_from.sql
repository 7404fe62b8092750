-- Since when mints may be pending: no older one is. A quarter that is still to be counted again may have one that nobody has
-- counted yet. No parameters.
SELECT least(
    closed_until,
    (SELECT min(quarter) FROM mint_quarters WHERE outcome = 'pending'),
    (SELECT min(quarter) FROM rollup_marks)
) AS pending_from
FROM rollup_state
