-- Writes a row of the audit trail. Written twice, it is there once.
-- ?1 id  ?2 when it was done  ?3 who did it  ?4 key of the user who did it, or null  ?5 from where  ?6 what was done
-- ?7 key of the user to whom, or null  ?8 more about it, as JSON  ?9 request id  ?10 result  ?11 how often
INSERT INTO audit (id, at, actor, actor_pseudonym, address, action, target_pseudonym, detail, request_id, result, count)
VALUES (?1, ?2, ?3, (SELECT pseudonym FROM pseudonyms WHERE user_key = ?4), ?5, ?6,
        (SELECT pseudonym FROM pseudonyms WHERE user_key = ?7), ?8, ?9, ?10, ?11)
ON CONFLICT (id) DO NOTHING
