-- Deletes what a user has set.
-- $1 user key
DELETE FROM personal_settings WHERE user_key = $1
