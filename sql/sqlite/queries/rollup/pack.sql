-- Keeps the users of a day, put together.
-- ?1 the day  ?2 its users
INSERT INTO packed_days (day, users) VALUES (?1, ?2)
