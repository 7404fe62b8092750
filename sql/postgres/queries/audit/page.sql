-- The audit trail, newest first, with the names of users who were not erased.
-- $1 the id before which to begin  $2 how many
SELECT a.id, a.at, a.actor, a.actor_pseudonym, actor.issuer AS actor_issuer, actor.user_id AS actor_id, a.address, a.action,
       a.target_pseudonym, target.issuer AS target_issuer, target.user_id AS target_id, a.detail::text AS detail, a.request_id, a.result,
       a.count
FROM audit a
LEFT JOIN pseudonyms actor ON actor.pseudonym = a.actor_pseudonym
LEFT JOIN pseudonyms target ON target.pseudonym = a.target_pseudonym
WHERE a.id < $1
ORDER BY a.id DESC
LIMIT $2
