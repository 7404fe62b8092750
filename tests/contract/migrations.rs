//! Migrations that were applied somewhere are never edited: their checksums are kept.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};

use crate::compare::{expect_none, expect_same};
use crate::repository;

const SUMS: &str = "sql/migrations.sha256";

/// Lines as `sha256sum` writes them, for paths below `sql/`.
fn lines() -> BTreeSet<String> {
    let files =
        ["sql/postgres/migrations", "sql/sqlite/migrations"].map(|folder| repository::files(folder, ".sql"));
    files.into_iter().flatten().map(|path| line(&path)).collect()
}

fn line(path: &str) -> String {
    let sum = digest(&SHA256, repository::read(path).as_bytes());
    let hex: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}  {}", path.trim_start_matches("sql/"))
}

#[test]
fn applied_migrations_are_not_edited() {
    let kept = repository::read(SUMS).lines().map(str::to_owned).collect();
    let mend = "undo the edit and add a new migration: databases that have this one would never see the change. For a \
                migration that is new: `cd sql && sha256sum */migrations/*.sql > migrations.sha256`";
    expect_same(("the files", &lines()), (SUMS, &kept), mend);
}

/// A check can't be changed in place there, so the table is made anew.
#[test]
fn the_audit_trail_of_before_there_were_backends_is_kept_on_sqlite() {
    let migrations = repository::files("sql/sqlite/migrations", ".sql");
    let (before, from): (Vec<_>, Vec<_>) =
        migrations.into_iter().partition(|path| !path.contains("service_credentials"));
    let database = rusqlite::Connection::open_in_memory().unwrap();
    let apply = |path: &String| database.execute_batch(&repository::read(path)).unwrap();
    before.iter().for_each(apply);
    let row = "VALUES (randomblob(16), 1, 'stranger', 'request', '{}', 'unauthorized', 7)";
    database
        .execute_batch(&format!("INSERT INTO audit (id, at, actor, action, detail, result, count) {row}"))
        .unwrap();
    assert_eq!(from.len(), 1);
    from.iter().for_each(apply);
    let kept: i64 =
        database.query_row("SELECT count FROM audit WHERE actor = 'stranger'", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 7);
    for change in ["UPDATE audit SET count = 1", "DELETE FROM audit"] {
        assert!(database.execute_batch(change).is_err(), "rows of the trail are never changed: {change}");
    }
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut wrong = Vec::new();
    for store in ["postgres", "sqlite"] {
        let folder = format!("sql/{store}/migrations");
        for (i, path) in repository::files(&folder, "").into_iter().enumerate() {
            let wanted = format!("{folder}/V{:04}__", i + 1);
            let named = path.starts_with(&wanted) && path.ends_with(".sql");
            wrong.extend((!named).then(|| format!("{path} should be {wanted}….sql")));
        }
    }
    expect_none(&wrong, "name migrations V0001__what_it_is_about.sql, one number after the other:");
}
