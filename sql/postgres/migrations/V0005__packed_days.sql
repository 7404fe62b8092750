-- The users of whole days, put together.
--
-- Counting distinct users over a month reads a row for each user and day: hundreds of thousands. So once a day is closed, all of
-- its rows of `user_days` are put together in one, a few bytes for each user, and reports count them outside of the database.
-- `user_days` remains what is true, and what SQL reads: a day that has no row here is read from there.
--
-- Why it stays exact: a row here is what `user_days` has of its day. Whatever counts a day's users again drops its row, in the
-- same transaction. Erasing moves rows of `user_days` to a key that stands for nobody, and the user's number goes with them.

CREATE TABLE user_numbers (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_key bytea NOT NULL UNIQUE CHECK (octet_length(user_key) = 32),
    issuer text NOT NULL,
    user_id text NOT NULL
);
COMMENT ON TABLE user_numbers IS 'What users are called in packed_days. Numbers are dense: reports have arrays by them.';

CREATE TABLE packed_days (
    day date PRIMARY KEY,
    users bytea NOT NULL
);
ALTER TABLE packed_days ALTER COLUMN users SET STORAGE EXTERNAL;
COMMENT ON TABLE packed_days IS 'What user_days has of closed days (UTC), put together. It can be deleted: it is made again.';
COMMENT ON COLUMN packed_days.users IS 'By role and number of the user; src/store/packed.rs says how.';
