-- Decides about a user, in place of whatever was decided before.
-- ?1 user key  ?2 issuer  ?3 user id  ?4 role  ?5 name  ?6 whether disabled  ?7 hourly limit of their own  ?8 until when
-- ?9 the time
INSERT INTO users (user_key, issuer, user_id, role, name, disabled, hourly_limit, hourly_limit_until, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
ON CONFLICT (user_key) DO UPDATE
SET issuer = excluded.issuer, user_id = excluded.user_id, role = excluded.role, name = excluded.name,
    disabled = excluded.disabled, hourly_limit = excluded.hourly_limit, hourly_limit_until = excluded.hourly_limit_until,
    updated_at = excluded.updated_at
RETURNING user_key, issuer, user_id, role, name, disabled, hourly_limit, hourly_limit_until, created_at, updated_at
