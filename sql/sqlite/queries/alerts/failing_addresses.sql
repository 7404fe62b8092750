-- Addresses from which more credentials were refused than so many, most first.
-- ?1 from  ?2 to, whole minutes  ?3 how many  ?4 how many addresses at most
SELECT CAST(address AS BLOB) AS about, address AS subject, sum(count) AS count
FROM failed_authentications
WHERE minute >= ?1 AND minute < ?2
GROUP BY address
HAVING sum(count) > ?3
ORDER BY sum(count) DESC, address
LIMIT ?4
