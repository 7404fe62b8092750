-- How many users got tokens in each span of time.
-- Spans, in parts of days (UTC), one array element for each part:
-- $1 the number of the span  $2 the day  $3 its quarters before noon  $4 its quarters after noon, as in `user_days`
-- $5 a role, or null for all  $6 the first of the days  $7 the last
SELECT span, count(*) AS users
FROM (
    SELECT DISTINCT p.span, u.user_key
    FROM unnest($1::int[], $2::date[], $3::bigint[], $4::bigint[]) AS p(span, day, early, late)
    JOIN usage_user_days u ON u.day = p.day AND (u.early & p.early <> 0 OR u.late & p.late <> 0)
    WHERE u.day BETWEEN $6::date AND $7::date AND ($5::text IS NULL OR u.role = $5)
) seen
GROUP BY span
