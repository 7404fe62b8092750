-- Forgets what was put together of a day (UTC), because its users are counted again.
-- ?1 a time of that day
DELETE FROM packed_days WHERE day = ?1 / 86400000 * 86400000
