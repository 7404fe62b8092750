-- What users have set for their own conversations. Whose it is is said by their user key alone.

CREATE TABLE personal_settings (
    user_key bytea PRIMARY KEY CHECK (octet_length(user_key) = 32),
    version uuid NOT NULL DEFAULT gen_random_uuid(),
    document text NOT NULL CHECK (octet_length(document) <= 131072),
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE personal_settings IS 'What users have set for their own conversations.';
COMMENT ON COLUMN personal_settings.version IS 'Another one whenever anything is set. Every mint compares it with what it was worked out from.';
COMMENT ON COLUMN personal_settings.document IS 'A JSON object, as text: jsonb knows no character 0, which a schema of a tool may have.';
