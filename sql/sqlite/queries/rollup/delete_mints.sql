-- Deletes some of the mints that were let go, oldest first.
-- ?1 how many at most
DELETE FROM mints
WHERE id IN (SELECT id FROM mints WHERE created_at < (SELECT kept_from FROM rollup_state) ORDER BY created_at LIMIT ?1)
