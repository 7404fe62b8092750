-- Forgets the refusals of erased users, which are counted anew under no name.
-- No parameters.
DELETE FROM refusals
WHERE EXISTS (SELECT 1 FROM erasures e WHERE e.user_key = refusals.user_key AND refusals.minute <= e.erased_at)
