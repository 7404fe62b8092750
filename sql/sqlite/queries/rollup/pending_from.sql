-- Since when mints may be pending: no older one is. A quarter that is still to be counted again may have one that nobody has
-- counted yet. No parameters.
SELECT min(
    closed_until,
    coalesce((SELECT min(quarter) FROM mint_quarters WHERE outcome = 'pending'), closed_until),
    coalesce((SELECT min(quarter) FROM rollup_marks), closed_until)
) AS pending_from
FROM rollup_state
