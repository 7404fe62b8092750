-- The users of whole days, put together.
--
-- Counting distinct users over a month reads a row for each user and day: hundreds of thousands. So once a day is closed, all of
-- its rows of `user_days` are put together in one, a few bytes for each user, and reports count them outside of the database.
-- `user_days` remains what is true, and what SQL reads: a day that has no row here is read from there.
--
-- Why it stays exact: a row here is what `user_days` has of its day. Whatever counts a day's users again drops its row, in the
-- same transaction. Erasing moves rows of `user_days` to a key that stands for nobody, and the user's number goes with them.

-- What users are called in packed_days. Numbers are dense: reports have arrays by them.
CREATE TABLE user_numbers (
    number INTEGER PRIMARY KEY,
    user_key BLOB NOT NULL UNIQUE CHECK (length(user_key) = 32),
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL
) STRICT;

-- What user_days has of closed days (UTC), put together by role and number of the user; src/store/packed.rs says how. It can be
-- deleted: it is made again.
CREATE TABLE packed_days (
    day INTEGER PRIMARY KEY,
    users BLOB NOT NULL
) STRICT;
