-- Since when mints may be pending: no older one is. No parameters.
SELECT least(closed_until, (SELECT min(quarter) FROM mint_quarters WHERE outcome = 'pending')) AS pending_from FROM rollup_state
