-- What server this is, and its clock.
SELECT current_setting('server_version_num')::int AS version_number, current_setting('server_version') AS version,
       clock_timestamp() AS now
