-- How many keys of users each sealing key holds, since when it seals, and the oldest key that it holds.
-- $1 keys that were entered until then are old, or null for none
SELECT sealing_key, count(*) AS count, count(*) FILTER (WHERE updated_at <= $1::timestamptz) AS old, min(sealed_at) AS sealing_since, min(updated_at) AS oldest
FROM provider_keys GROUP BY sealing_key ORDER BY sealing_key
