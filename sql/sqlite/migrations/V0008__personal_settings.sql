-- What users have set for their own conversations. Whose it is is said by their user key alone.

-- version: another one whenever anything is set; every mint compares it with what it was worked out from. document: a JSON
-- object.
CREATE TABLE personal_settings (
    user_key BLOB NOT NULL PRIMARY KEY CHECK (length(user_key) = 32),
    version BLOB NOT NULL CHECK (length(version) = 16),
    document TEXT NOT NULL CHECK (length(document) <= 131072),
    updated_at INTEGER NOT NULL
) STRICT;
