-- What the schema `public` consists of, one line for each thing.

SELECT format('relation %s: kind %s, options %s, comment %s', relname, relkind, reloptions, obj_description(oid, 'pg_class'))
FROM pg_class WHERE relnamespace = 'public'::regnamespace;

SELECT format('column %s.%s: %s, not null %s, default %s, identity %s, generated %s, collation %s, comment %s',
              c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
              a.attidentity, a.attgenerated, a.attcollation::regcollation, col_description(c.oid, a.attnum))
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped;

SELECT format('constraint %s on %s: %s, comment %s',
              conname, conrelid::regclass, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace;

SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'public';

SELECT format('view %s: %s', viewname, definition) FROM pg_views WHERE schemaname = 'public';

SELECT format('view %s: %s', matviewname, definition) FROM pg_matviews WHERE schemaname = 'public';

SELECT format('function %s', pg_get_functiondef(oid))
FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p');

SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal;

SELECT format('type %s: kind %s, base %s, labels %s', typname, typtype, typbasetype::regtype,
              ARRAY(SELECT enumlabel FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder))
FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd');
