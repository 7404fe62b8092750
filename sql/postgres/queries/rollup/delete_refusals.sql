-- Deletes some of the refusals that were let go, oldest first.
-- $1 how many at most
DELETE FROM refusals
WHERE (user_key, code, minute) IN (
    SELECT user_key, code, minute FROM refusals WHERE minute < (SELECT kept_from FROM rollup_state) ORDER BY minute LIMIT $1
)
