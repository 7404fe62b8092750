-- The index that says what is left of an hour needs to know of refunds only. As long as it held the outcome, each mint
-- changed it twice.
ALTER TABLE mints ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded IN (0, 1));
UPDATE mints SET refunded = 1 WHERE outcome = 'refunded';
DROP INDEX mints_by_user;
CREATE INDEX mints_by_user ON mints (user_key, created_at, refunded);
