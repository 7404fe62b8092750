-- Forgets whose pseudonym it is: from now on nobody knows of whom the audit trail speaks.
-- $1 user key
DELETE FROM pseudonyms WHERE user_key = $1
