-- One turn of the hot path: takes from rolling hours, writes the ledger rows, and settles earlier mints.
--
-- The mints asked for, one array element each:
-- $1 ids  $2 user keys  $3 issuers  $4 user ids  $5 roles, $6 names and $7 hourly limits of their own assumed to stand
-- in `users`  $8 hourly limits (one and the same for all that a user asks for here)  $9 roles  $10 languages
-- $11 session types  $12 models  $13 key sources  $14 request ids
-- The outcomes of earlier mints, refunds excepted:
-- $15 ids  $16 outcomes  $17 error codes  $18 latencies in ms  $19 expiries
-- $20 the time, or null for the clock of the database
-- $21 of the mints asked for: versions of the users' own keys assumed to stand in `provider_keys`  $22 the same of
-- their settings, in `personal_settings`
--
-- What makes the limit exact: DO UPDATE sees `h` as it is under the row's lock, not as the statement's snapshot has it,
-- so it reads nothing but `h` and `excluded`. Rows are locked in the order of their keys, each once: no deadlocks.
--
-- The plan is made once and kept (see connect.rs), whatever the tables grow to. So each table is asked in a form that has one
-- plan only: by an array of keys, or by one key in a LATERAL that OFFSET keeps from being merged into a join.
WITH asked AS MATERIALIZED (
    SELECT a.ord, a.id, a.user_key, a.issuer, a.user_id, a.hourly_limit, a.role, a.language, a.session_type, a.model,
           a.key_source, a.request_id, u.role AS held_role, u.name AS held_name, coalesce(u.disabled, false) AS held_disabled,
           u.hourly_limit AS held_hourly_limit, k.version AS held_key_version, k.state AS held_key_state,
           k.refused_at AS held_key_refused_at, k.sealed AS held_key_sealed,
           s.version AS held_settings_version, s.document AS held_settings_document,
           s.updated_at AS held_settings_updated_at,
           u.role IS NOT DISTINCT FROM a.assumed_role AND u.name IS NOT DISTINCT FROM a.assumed_name
               AND u.hourly_limit IS NOT DISTINCT FROM a.assumed_hourly_limit AND u.disabled IS NOT TRUE
               AND k.version IS NOT DISTINCT FROM a.assumed_key_version
               AND s.version IS NOT DISTINCT FROM a.assumed_settings_version AS agreed
    FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::text[],
                $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $21::uuid[],
                $22::uuid[])
         WITH ORDINALITY AS a(id, user_key, issuer, user_id, assumed_role, assumed_name, assumed_hourly_limit, hourly_limit, role,
                              language, session_type, model, key_source, request_id, assumed_key_version,
                              assumed_settings_version, ord)
    LEFT JOIN LATERAL (
        SELECT role, name, disabled,
               -- A limit of one's own that has expired is none.
               CASE WHEN hourly_limit_until <= coalesce($20::timestamptz, clock_timestamp()) THEN NULL ELSE hourly_limit END
                   AS hourly_limit
        FROM users WHERE user_key = a.user_key OFFSET 0
    ) u ON true
    LEFT JOIN LATERAL (
        SELECT version, state, refused_at, sealed FROM provider_keys
        WHERE user_key = a.user_key AND provider = 'openai' OFFSET 0
    ) k ON true
    LEFT JOIN LATERAL (
        SELECT version, document, updated_at FROM personal_settings WHERE user_key = a.user_key OFFSET 0
    ) s ON true
), turn AS MATERIALIZED (
    SELECT *, (row_number() OVER (PARTITION BY user_key ORDER BY ord))::int AS nth FROM asked WHERE agreed
), wanted AS (
    SELECT user_key, min(hourly_limit) AS hourly_limit, least(count(*)::int, min(hourly_limit)) AS most FROM turn GROUP BY user_key
), spent AS (
    INSERT INTO rolling_hours AS h (user_key, stamps, hourly_limit, seen_at)
    SELECT w.user_key, ARRAY(SELECT c.now + i * interval '1 microsecond' FROM generate_series(0, w.most - 1) i), w.hourly_limit, c.now
    FROM wanted w, (SELECT coalesce($20::timestamptz, clock_timestamp()) AS now) c
    ORDER BY w.user_key
    ON CONFLICT (user_key) DO UPDATE SET (stamps, hourly_limit, seen_at) = (
        SELECT live.stamps || ARRAY(
                   SELECT c.now + i * interval '1 microsecond'
                   FROM generate_series(0, least(cardinality(excluded.stamps), excluded.hourly_limit - cardinality(live.stamps)) - 1) i
               ), excluded.hourly_limit, c.now
        FROM (SELECT greatest(coalesce($20::timestamptz, clock_timestamp()), h.seen_at,
                              h.stamps[cardinality(h.stamps)] + interval '1 microsecond') AS now) c,
             LATERAL (SELECT h.stamps[width_bucket(c.now - interval '1 hour', h.stamps) + 1 :] AS stamps) live
    )
    -- Earlier stamps are older than seen_at and new ones are not, so seen_at says where the new ones begin.
    RETURNING h.user_key, h.stamps, h.seen_at,
              cardinality(h.stamps) + 1 - coalesce(array_position(h.stamps, h.seen_at), cardinality(h.stamps) + 1) AS granted
), recorded AS (
    INSERT INTO mints (id, user_key, issuer, user_id, role, language, session_type, model, key_source, request_id, created_at)
    SELECT t.id, t.user_key, t.issuer, t.user_id, t.role, t.language, t.session_type, t.model, t.key_source, t.request_id,
           s.seen_at + (t.nth - 1) * interval '1 microsecond'
    FROM turn t JOIN spent s USING (user_key) WHERE t.nth <= s.granted
), settled AS (
    UPDATE mints m
    SET outcome = o.outcome, error_code = o.error_code, latency_ms = o.latency_ms, expires_at = o.expires_at
    FROM unnest($15::uuid[], $16::text[], $17::text[], $18::int[], $19::timestamptz[])
         AS o(id, outcome, error_code, latency_ms, expires_at)
    WHERE m.id = ANY($15) AND m.id = o.id AND m.outcome IN ('pending', 'unconfirmed')
    RETURNING m.created_at
), late AS (
    -- Outcomes that come so late that the rollups may have counted their quarter.
    INSERT INTO rollup_marks (quarter)
    SELECT DISTINCT date_bin('15 minutes', created_at, 'epoch') FROM settled
    WHERE created_at < coalesce($20::timestamptz, clock_timestamp()) - interval '5 minutes'
)
SELECT a.agreed, a.held_role, a.held_name, a.held_hourly_limit, a.held_disabled, a.held_key_version,
       a.held_key_state, a.held_key_refused_at, CASE WHEN NOT a.agreed THEN a.held_key_sealed END AS held_key_sealed,
       a.held_settings_version, CASE WHEN NOT a.agreed THEN a.held_settings_document END AS held_settings_document,
       a.held_settings_updated_at,
       t.nth <= s.granted AS granted, n.used, s.seen_at AS at,
       s.stamps[greatest(n.used - a.hourly_limit + 1, 1)] + interval '1 hour' AS next_free
FROM asked a
LEFT JOIN turn t ON t.ord = a.ord
LEFT JOIN spent s ON s.user_key = t.user_key
LEFT JOIN LATERAL (SELECT cardinality(s.stamps) - greatest(s.granted - t.nth, 0) AS used) n ON true
ORDER BY a.ord
