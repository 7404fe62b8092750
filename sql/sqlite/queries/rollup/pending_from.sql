-- Since when mints may be pending: no older one is. No parameters.
SELECT min(closed_until, coalesce((SELECT min(quarter) FROM mint_quarters WHERE outcome = 'pending'), closed_until)) AS pending_from
FROM rollup_state
