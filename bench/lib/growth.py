"""How the cost of a mint grows: with users, with the ledger, with replicas and with connections."""

import os
import sqlite3

from . import report
from .machine import Bench

# A ledger as it is after some months: a hundred mints of each user, all but the newest settled.
FILL_POSTGRES = """
INSERT INTO mints (id, user_key, issuer, user_id, role, language, session_type, model, key_source, outcome, latency_ms,
                   request_id, created_at, expires_at)
SELECT gen_random_uuid(), sha256(('filler ' || i % greatest({rows} / 100, 1))::bytea), 'https://id.bench.example',
       'filler-' || i % greatest({rows} / 100, 1), 'student', 'en', 'realtime', 'gpt-realtime-2.1-mini', 'operator',
       'issued', 250, 'req_' || i, now() - interval '90 days' + i * (interval '89 days' / {rows}),
       now() - interval '90 days' + i * (interval '89 days' / {rows})
FROM generate_series(1, {rows}) i;
"""

USERS_POSTGRES = """
INSERT INTO rolling_hours (user_key, stamps, hourly_limit, seen_at)
SELECT sha256(('filler ' || i)::bytea), ARRAY[now() - interval '2 hours'], 10, now() - interval '2 hours'
FROM generate_series(1, {users}) i;
"""

FILL_SQLITE = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
INSERT INTO mints (id, user_key, issuer, user_id, role, language, session_type, model, key_source, outcome, latency_ms,
                   request_id, created_at, expires_at)
SELECT mint_id(i), user_key(i * 7919 % max({rows} / 100, 1)),
       'https://id.bench.example', 'filler-' || i, 'student', 'en', 'realtime', 'gpt-realtime-2.1-mini', 'operator', 'issued',
       250, 'req_' || i, 1700000000000 + i, 1700000060000 + i FROM n;
"""

# Ids begin with their time, as those of the service do.
FIRST_MS = 1_700_000_000_000


def measure(bench: Bench, quick):
    _, upstream = bench.bare("upstream")
    # To see that it works, a thousandth is enough.
    small = 1000 if quick else 1
    tables = [
        replicas(bench, upstream, [1, 2, 4]),
        connections(bench, upstream, [1, 8, 64, 256, 1024]),
        ledger_sqlite(bench, upstream, [0, 100_000 // small, 1_000_000 // small]),
        users(bench, upstream, [1, 100, 10_000 // small, 1_000_000 // small]),
        ledger(bench, upstream, [0, 100_000 // small, 1_000_000 // small, 10_000_000 // small]),
    ]
    return "\n\n".join(tables)


def on_postgres(bench, name, upstream):
    url = bench.postgres.database(name)
    return bench.service(name, upstream, {"DATABASE_URL": url})


def point(bench, process, address, **wrk):
    """The median of the rounds, and what each request cost the service and the database."""
    bench.wrk(address, seconds=2, **wrk)
    before = [process.cpu_seconds(), bench.postgres.cpu_seconds()]
    said = [bench.wrk(address, **wrk) for _ in range(bench.rounds)]
    after = [process.cpu_seconds(), bench.postgres.cpu_seconds()]
    requests = sum(one["requests"] for one in said)
    middle = sorted(said, key=lambda one: one["per_second"])[len(said) // 2]
    return middle, [(b - a) * 1e6 / requests for a, b in zip(before, after)]


def row(label, measured):
    print(label, measured, flush=True)
    said, (own, database) = measured
    return (label, f"{said['per_second']:,.0f}", f"{said['p50_ms']:.2f}", f"{said['p99_ms']:.2f}", f"{own:.0f} + {database:.0f}")


def table(what, rows):
    head = (what, "answers a second", "p50 ms", "p99 ms", "CPU µs each: service + database")
    return report.table(head, rows)


def users(bench, upstream, counts):
    rows = []
    for count in counts:
        process, address = on_postgres(bench, f"users_{count}", upstream)
        bench.postgres.sql(f"users_{count}", USERS_POSTGRES.format(users=count))
        tokens = bench.folder / f"tokens_{count}"
        # More than that is nothing new to the service, which knows 4,000 tokens, and much to wrk.
        bench.write_tokens(tokens, min(count, 200_000))
        rows.append(row(f"{count:,}", point(bench, process, address, tokens=tokens)))
        process.stop()
    return table("users (one user alone: mostly refusals)", rows)


def ledger(bench, upstream, counts):
    rows = []
    for count in counts:
        name = f"ledger_{count}"
        process, address = on_postgres(bench, name, upstream)
        if count:
            bench.postgres.sql(name, "DROP INDEX mints_by_user")
            bench.postgres.sql(name, FILL_POSTGRES.format(rows=count))
            bench.postgres.sql(name, "CREATE INDEX mints_by_user ON mints (user_key, created_at DESC)")
            bench.postgres.sql(name, "VACUUM ANALYZE mints")
            bench.postgres.sql(name, "CHECKPOINT")
        rows.append(row(f"{count:,}", point(bench, process, address)))
        process.stop()
        bench.postgres.sql("postgres", f"DROP DATABASE {name} WITH (FORCE)")
    return table("rows in the ledger, PostgreSQL", rows)


def ledger_sqlite(bench, upstream, counts):
    rows = []
    for count in counts:
        name = f"file_{count}"
        process, _ = bench.service(name, upstream, {})
        process.stop()
        if count:
            with sqlite3.connect(bench.folder / name / "ephemint.db") as file:
                file.create_function("mint_id", 1, lambda i: (FIRST_MS + i).to_bytes(6, "big") + os.urandom(10))
                file.create_function("user_key", 1, lambda i: i.to_bytes(32, "big"))
                file.execute(FILL_SQLITE.format(rows=count))
            file.close()
        process, address = bench.service(name, upstream, {})
        rows.append(row(f"{count:,}", point(bench, process, address)))
        process.stop()
    return table("rows in the ledger, SQLite", rows)


def replicas(bench, upstream, counts):
    rows = []
    for count in counts:
        name = f"replicas_{count}"
        url = bench.postgres.database(name)
        services = [bench.service(f"{name}_{n}", upstream, {"DATABASE_URL": url}) for n in range(count)]
        for _, address in services:
            bench.wrk(address, 64 // count, seconds=2)
        before = [sum(process.cpu_seconds() for process, _ in services), bench.postgres.cpu_seconds()]
        said = bench.wrk_together([address for _, address in services], 64 // count)
        after = [sum(process.cpu_seconds() for process, _ in services), bench.postgres.cpu_seconds()]
        costs = [(b - a) * 1e6 / said["requests"] for a, b in zip(before, after)]
        rows.append(row(f"{count}", (said, costs)))
        for process, _ in services:
            process.stop()
    return table("replicas, 64 connections in all", rows)


def connections(bench, upstream, counts):
    process, address = on_postgres(bench, "connections", upstream)
    rows = [row(f"{count:,}", point(bench, process, address, connections=count)) for count in counts]
    process.stop()
    return table("connections", rows)
