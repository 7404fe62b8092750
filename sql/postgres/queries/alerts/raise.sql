-- Raises an alert, unless it was raised before for this rule, window and subject.
-- $1 id  $2 rule  $3 kind  $4 what tells subjects apart  $5 subject, or nothing  $6 the window begins  $7 it ends
-- $8 value  $9 threshold  $10 summary  $11 delivery  $12 the time, or null for the clock of the database
INSERT INTO alerts (id, rule, kind, about, subject, window_start, window_end, value, threshold, summary, delivery, raised_at, due_at)
SELECT $1::uuid, $2::text, $3::text, $4::bytea, $5::text, $6::timestamptz, $7::timestamptz, $8::float8, $9::float8, $10::text,
       $11::text, c.now, c.now
FROM (SELECT coalesce($12::timestamptz, clock_timestamp()) AS now) c
ON CONFLICT (rule, window_start, window_end, about) DO NOTHING
