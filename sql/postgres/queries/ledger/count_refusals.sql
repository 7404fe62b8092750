-- Adds to the counts of refusals by user, code and minute.
-- $1 user keys  $2 issuers  $3 user ids  $4 codes  $5 minutes  $6 counts, one array element each, no triple twice
-- $7 the time, or null for the clock of the database
WITH late AS (
    -- The rollups may have counted these quarters.
    INSERT INTO rollup_marks (quarter)
    SELECT DISTINCT date_bin('15 minutes', minute, 'epoch') FROM unnest($5::timestamptz[]) AS m(minute)
    WHERE minute < coalesce($7::timestamptz, clock_timestamp()) - interval '5 minutes'
)
INSERT INTO refusals AS r (user_key, issuer, user_id, code, minute, count)
SELECT user_key, issuer, user_id, code, minute, count
FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])
     AS n(user_key, issuer, user_id, code, minute, count)
ORDER BY user_key, code, minute
ON CONFLICT (user_key, code, minute) DO UPDATE SET count = r.count + excluded.count
