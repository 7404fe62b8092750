-- The tables of a database file, to see whose it is. No parameters.
SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'
