-- Holds the users of all days as they are, against whoever erases one, until the transaction ends. No parameters.
LOCK TABLE user_days IN SHARE MODE
