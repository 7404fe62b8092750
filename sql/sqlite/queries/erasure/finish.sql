-- Forgets the keys of erased users whose last hour has lapsed, and a minute more, for clocks that differ.
-- ?1 the time
DELETE FROM erasures
WHERE erased_at <= ?1 - 3660000
  AND NOT EXISTS (SELECT 1 FROM mints m WHERE m.user_key = erasures.user_key AND m.created_at <= erasures.erased_at)
  AND NOT EXISTS (SELECT 1 FROM user_days d WHERE d.user_key = erasures.user_key AND d.day <= erasures.erased_at)
