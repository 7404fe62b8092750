-- Adds to the count of refused credentials of an address and minute.
-- ?1 address  ?2 minute  ?3 count
INSERT INTO failed_authentications AS f (address, minute, count) VALUES (?1, ?2, ?3)
ON CONFLICT (minute, address) DO UPDATE SET count = f.count + excluded.count
