-- Adds to the counts of refused credentials by address and minute.
-- $1 addresses  $2 minutes  $3 counts, one array element each, no pair twice
INSERT INTO failed_authentications AS f (minute, address, count)
SELECT minute, address, count
FROM unnest($1::text[], $2::timestamptz[], $3::bigint[]) AS n(address, minute, count)
ORDER BY minute, address
ON CONFLICT (minute, address) DO UPDATE SET count = f.count + excluded.count
