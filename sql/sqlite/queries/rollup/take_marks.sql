-- Takes the marks of the first day (UTC) that has any. No parameters.
DELETE FROM rollup_marks WHERE quarter / 86400000 = (SELECT min(quarter) / 86400000 FROM rollup_marks) RETURNING quarter
