-- Writes a row of the audit trail. Written twice, it is there once. Users get a pseudonym, unless they were erased since.
-- $1 id  $2 when it was done  $3 who did it  $4 key, $5 issuer and $6 id of the user who did it, or nulls  $7 from where
-- $8 what was done  $9 key, $10 issuer and $11 id of the user to whom, or nulls  $12 more about it, as JSON
-- $13 request id  $14 result  $15 how often
WITH named AS (
    INSERT INTO pseudonyms (user_key, issuer, user_id)
    SELECT DISTINCT ON (u.user_key) u.user_key, u.issuer, u.user_id
    FROM (VALUES ($4::bytea, $5::text, $6::text), ($9::bytea, $10::text, $11::text)) AS u(user_key, issuer, user_id)
    WHERE u.user_key IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.user_key = u.user_key AND e.erased_at > $2::timestamptz)
    ORDER BY u.user_key
    ON CONFLICT (user_key) DO UPDATE SET issuer = excluded.issuer, user_id = excluded.user_id
    RETURNING user_key, pseudonym
)
INSERT INTO audit (id, at, actor, actor_pseudonym, address, action, target_pseudonym, detail, request_id, result, count)
SELECT $1::uuid, $2::timestamptz, $3::text, (SELECT pseudonym FROM named WHERE user_key = $4::bytea), $7::text, $8::text,
       (SELECT pseudonym FROM named WHERE user_key = $9::bytea), $12::text::jsonb, $13::text, $14::text, $15::bigint
ON CONFLICT (id) DO NOTHING
