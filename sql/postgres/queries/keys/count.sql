-- How many keys of users each sealing key holds, since when it seals, and the oldest key that it holds.
-- No parameters.
SELECT sealing_key, count(*) AS count, min(sealed_at) AS sealing_since, min(updated_at) AS oldest
FROM provider_keys GROUP BY sealing_key ORDER BY sealing_key
