-- What an operator has decided about a user, the key that they mint with, and what they have set for themselves.
-- One row, empty where there is nothing.
-- $1 user key  $2 the time, or null for the clock of the database
SELECT u.role, u.name, coalesce(u.disabled, false) AS disabled,
       CASE WHEN u.hourly_limit_until <= coalesce($2::timestamptz, clock_timestamp()) THEN NULL ELSE u.hourly_limit END AS hourly_limit,
       k.version AS key_version, k.state AS key_state, k.refused_at AS key_refused_at, k.sealed AS key_sealed,
       s.version AS settings_version, s.document AS settings_document, s.updated_at AS settings_updated_at
FROM (SELECT 1) one
LEFT JOIN users u ON u.user_key = $1
LEFT JOIN provider_keys k ON k.user_key = $1 AND k.provider = 'openai'
LEFT JOIN personal_settings s ON s.user_key = $1
