-- Raises an alert, unless it was raised before for this rule, window and subject.
-- ?1 id  ?2 rule  ?3 kind  ?4 what tells subjects apart  ?5 subject, or nothing  ?6 the window begins  ?7 it ends
-- ?8 value  ?9 threshold  ?10 summary  ?11 delivery  ?12 the time
INSERT INTO alerts (id, rule, kind, about, subject, window_start, window_end, value, threshold, summary, delivery, raised_at, due_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)
ON CONFLICT (rule, window_start, window_end, about) DO NOTHING
