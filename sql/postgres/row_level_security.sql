-- Optional. For a database that browsers may query by themselves, such as Supabase's: a signed-in user may read their own rows
-- of the view `realtime_token_usage`, and nothing else of Ephemint's. Run it as the owner of the tables (the role in
-- DATABASE_URL), once; again does no harm. The owner itself, with which the service connects, goes on seeing everything.
--
-- Who asks is taken from the claims that PostgREST puts into `request.jwt.claims`: `iss` and `sub`, as the service itself names
-- users. `anon` and `authenticated` are Supabase's roles; write your own here if they are called otherwise.

ALTER TABLE mints ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE rolling_hours ENABLE ROW LEVEL SECURITY;
ALTER TABLE refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE personal_settings ENABLE ROW LEVEL SECURITY;

-- Supabase grants everything in `public` to both roles by itself.
REVOKE ALL ON mints, users, rolling_hours, refusals, provider_keys, personal_settings, refinery_schema_history, realtime_token_usage
    FROM PUBLIC, anon, authenticated;

-- The view asks as whoever asks it: without this it would show its owner's rows, which are all.
ALTER VIEW realtime_token_usage SET (security_invoker = true);
GRANT SELECT ON realtime_token_usage TO authenticated;
GRANT SELECT (id, issuer, user_id, role, language, session_type, model, outcome, created_at, expires_at) ON mints TO authenticated;

DROP POLICY IF EXISTS own_mints ON mints;
CREATE POLICY own_mints ON mints FOR SELECT TO authenticated USING (
    issuer = coalesce((SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'iss'), '')
    -- The second form is that of services with several issuers.
    AND user_id IN (
        (SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'),
        (SELECT claims ->> 'iss' || '|' || (claims ->> 'sub')
         FROM (SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb) AS c(claims))
    )
);
