-- Takes the marks of the first day (UTC) that has any on closed quarters. No parameters.
DELETE FROM rollup_marks
WHERE quarter < (SELECT closed_until FROM rollup_state)
  AND date_bin('1 day', quarter, 'epoch') = (
      SELECT date_bin('1 day', min(quarter), 'epoch') FROM rollup_marks WHERE quarter < (SELECT closed_until FROM rollup_state)
  )
RETURNING quarter
