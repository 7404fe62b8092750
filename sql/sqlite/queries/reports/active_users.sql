-- Who got tokens in a part of a day.
-- ?1 the day  ?2 its quarters before noon  ?3 its quarters after noon, as in `user_days`  ?4 a role, or null for all
SELECT user_key FROM usage_user_days
WHERE day = ?1 AND (early & ?2 OR late & ?3) AND (?4 IS NULL OR role = ?4)
