"""How long reports over 30 days take, and what it costs to keep them fast."""

import datetime
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import time
import urllib.request

from . import report
from .machine import PROGRAM, ROOT, Bench, cpu_seconds, median

ADMIN_TOKEN = "operators-of-the-bench-0123456789abcdef"
DAYS = 30

# Each as it is asked for by itself; {window} has the days and the zone.
REPORTS = {
    "summary": "summary?{window}",
    "daily": "daily?{window}",
    "daily, by week": "daily?group_by=week&{window}",
    "daily, by month": "daily?group_by=month&{window}",
    "daily, by role": "daily?group_by=role&{window}",
    "hourly": "hourly?{window}",
    "users": "users?{window}",
    "users, the next page": "users?{window}",
    "roles": "roles?{window}",
    "models": "models?{window}",
    "errors": "errors?{window}",
    "latency": "latency?{window}",
    "costs": "costs?{window}",
}

ZONES = {"UTC": "UTC", "Kolkata": "Asia/Kolkata"}

MINT_COLUMNS = ("id", "user_key", "issuer", "user_id", "role", "language", "session_type", "model", "key_source", "outcome",
                "error_code", "latency_ms", "request_id", "created_at", "expires_at")
REFUSAL_COLUMNS = ("user_key", "code", "minute", "issuer", "user_id", "count")


class Store:
    """A service on one store, and what is measured of it."""

    def __init__(self, bench, name, settings):
        settings = {"ADMIN_TOKEN": ADMIN_TOKEN, **settings}
        self.bench, self.name = bench, name
        self.process, self.address = bench.service(name, "http://127.0.0.1:9", settings)

    def ask(self, path):
        """One answer and how many milliseconds it took."""
        request = urllib.request.Request(f"{self.address}/v1/admin/usage/{path}")
        request.add_header("Authorization", f"Bearer {ADMIN_TOKEN}")
        begun = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = answer.read()
        return json.loads(body), (time.perf_counter() - begun) * 1000

    def time(self, name, window):
        path = REPORTS[name].format(window=window)
        if name.endswith("next page"):
            path += f"&cursor={self.ask(path)[0]['next_cursor']}"
        asked = [self.ask(path) for _ in range(self.bench.rounds)]
        return asked[-1][0]["rows"], median([took for _, took in asked])


def measure(bench: Bench, rows, users, days):
    fill_postgres(bench, rows, users, days)
    fill_sqlite(bench)
    costs, answers, times, plans = [], {}, {}, {}
    for name, settings in (("PostgreSQL", {"DATABASE_URL": f"{bench.postgres.url}/reports"}), ("SQLite", {})):
        store = Store(bench, f"reports_{name}", settings)
        costs.append(roll_up(bench, store))
        for column, window in windows().items():
            for key in REPORTS:
                answer, times[key, name, column] = store.time(key, window)
                print(f"{name}, {key}, {column}: {times[key, name, column]:.0f} ms", flush=True)
                if answers.setdefault((key, column), answer) != answer:
                    raise SystemExit(f"the stores don't answer alike: {key}, {column}")
        store.process.stop()
    plans["postgres"] = explain_postgres(bench)
    plans["sqlite"] = explain_sqlite(bench)
    return "\n\n".join([distribution(bench), table(times), costs_table(costs, days * 96)]), plans


def windows():
    """The last 30 days with today, in each zone, and of one role."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    first, last = today - datetime.timedelta(days=DAYS - 1), today + datetime.timedelta(days=1)
    shown = {name: f"from={first}&to={last}&tz={tz}" for name, tz in ZONES.items()}
    return {**shown, "one role": f"from={first}&to={last}&role=student"}


def fill_postgres(bench, rows, users, days):
    url = bench.postgres.database("reports")
    subprocess.run([PROGRAM, "migrate"], env={**environment(bench), "DATABASE_URL": url}, check=True)
    script = ROOT / "bench/ledger.sql"
    print("filling the ledger", flush=True)
    with open(script) as text:
        command = [str(bench.postgres.programs / "psql"), url, "-Xq", "-v", f"rows={rows}", "-v", f"users={users}", "-v", f"days={days}"]
        subprocess.run(command, stdin=text, stdout=subprocess.DEVNULL, check=True)


def environment(bench):
    return {"PATH": os.environ["PATH"], "DATA_DIR": str(sqlite_file(bench).parent)}


def sqlite_file(bench):
    folder = bench.folder / "reports_SQLite"
    folder.mkdir(exist_ok=True)
    return folder / "ephemint.db"


def fill_sqlite(bench):
    """The same rows. Indexes are made when they are in: a few minutes instead of an hour."""
    subprocess.run([PROGRAM, "migrate"], env=environment(bench), check=True)
    print("copying the ledger", flush=True)
    file = sqlite3.connect(sqlite_file(bench))
    file.execute("PRAGMA synchronous = OFF")
    # Of what is ours: what SQLite made for a key has no text.
    indexes = file.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('mints', 'refusals')")
    for name, sql in (indexes := indexes.fetchall()):
        file.execute(f"DROP INDEX {name}")
    copy(bench, file, "mints", MINT_COLUMNS)
    copy(bench, file, "refusals", REFUSAL_COLUMNS)
    for name, sql in indexes:
        file.execute(sql)
    file.commit()
    file.close()


# How SQLite has what PostgreSQL writes: bytes, milliseconds.
def as_sqlite(column):
    if column == "user_key":
        return "encode(user_key, 'hex')", bytes.fromhex
    if column == "id":
        return "replace(id::text, '-', '')", bytes.fromhex
    if column in ("created_at", "expires_at", "minute"):
        return f"(extract(epoch FROM {column}) * 1000)::bigint", int
    return column, str


def copy(bench, file, table, columns):
    wanted = [as_sqlite(column) for column in columns]
    sql = f"COPY (SELECT {', '.join(sql for sql, _ in wanted)} FROM {table}) TO STDOUT"
    url = f"{bench.postgres.url}/reports"
    command = [str(bench.postgres.programs / "psql"), url, "-Xq", "-c", sql]
    insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    reads = [read for _, read in wanted]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as source:
        lines = (line.rstrip("\n").split("\t") for line in source.stdout)
        file.executemany(insert, ([None if cell == r"\N" else read(cell) for read, cell in zip(reads, line)] for line in lines))
    if source.returncode:
        raise SystemExit("the ledger could not be copied")
    file.commit()


class Progress:
    """How far the rollups of a store are."""

    def __init__(self, bench, store):
        self.bench, self.is_postgres = bench, store.name.endswith("PostgreSQL")

    def ask(self, sql):
        if self.is_postgres:
            return self.bench.postgres.sql("reports", sql)
        file = sqlite3.connect(f"file:{sqlite_file(self.bench)}?mode=ro", uri=True, timeout=30)
        (answer,), = file.execute(sql).fetchall()
        file.close()
        return str(answer)

    def is_closed(self):
        if self.is_postgres:
            return self.ask("SELECT closed_until > now() - interval '50 minutes' FROM rollup_state") == "t"
        return int(self.ask("SELECT closed_until FROM rollup_state")) > (time.time() - 3000) * 1000

    def is_packed(self):
        before = "date_trunc('day', closed_until)::date" if self.is_postgres else "closed_until / 86400000 * 86400000"
        open_days = "SELECT count(DISTINCT day) FROM user_days WHERE day < (SELECT {} FROM rollup_state)".format(before)
        return self.ask(f"SELECT ({open_days}) = (SELECT count(*) FROM packed_days)") in ("t", "1")


def roll_up(bench, store):
    """What it costs to count a quarter, and to put a day together."""
    progress = Progress(bench, store)
    databases = [bench.postgres] if progress.is_postgres else []

    def spent():
        return cpu_seconds(store.process.child.pid) + sum(database.cpu_seconds() for database in databases)

    print(f"{store.name} rolls up", flush=True)
    figures = []
    for is_done in (progress.is_closed, progress.is_packed):
        begun, before = time.monotonic(), spent()
        while not is_done():
            time.sleep(0.5)
        figures += [time.monotonic() - begun, spent() - before]
    days = int(progress.ask("SELECT count(*) FROM packed_days"))
    size = "SELECT coalesce(sum(octet_length(users)), 0) FROM packed_days"
    size = int(progress.ask(size if progress.is_postgres else size.replace("octet_length", "length")))
    return store.name.removeprefix("reports_"), figures, days, size


def costs_table(costs, quarters):
    head = ("rollups", "a quarter: ms", "CPU ms", "a day put together: ms", "CPU ms", "kB for each day")
    rows = []
    for name, (closing, closing_cpu, packing, packing_cpu), days, size in costs:
        per = [closing / quarters, closing_cpu / quarters, packing / max(days, 1), packing_cpu / max(days, 1)]
        rows.append((name, *(f"{seconds * 1000:.1f}" for seconds in per), f"{size / max(days, 1) / 1000:.0f}"))
    return report.table(head, rows)


def table(times):
    columns = [(store, column) for store in ("PostgreSQL", "SQLite") for column in windows()]
    head = ("30 days, ms", *(f"{store}, {column}" for store, column in columns))
    rows = [(key, *(f"{times[key, store, column]:.0f}" for store, column in columns)) for key in REPORTS]
    return report.table(head, rows)


def distribution(bench):
    """What the ledger is like, counted and not assumed."""
    sql = """SELECT count(*), count(DISTINCT user_key), min(created_at)::date, max(created_at)::date FROM mints"""
    mints, users, first, last = bench.postgres.sql("reports", sql).split("|")
    per_day = f"SELECT round(avg(users)) FROM daily_active_users WHERE day > current_date - {DAYS} AND day < current_date"
    by_days = f"""SELECT percentile_disc(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY tokens)
                  FROM (SELECT sum(tokens) AS tokens FROM user_days WHERE day > current_date - {DAYS} GROUP BY user_key) u"""
    rows = f"SELECT count(*) FROM user_days WHERE day > current_date - {DAYS}"
    active, tokens, days = (bench.postgres.sql("reports", one) for one in (per_day, by_days, rows))
    low, middle, high = tokens.strip("{}").split(",")
    return (f"{int(mints):,} mints of {int(users):,} users from {first} to {last}, evenly over time; {int(active):,} users are active "
            f"on a day, which makes {int(days):,} rows of `user_days` in 30 days. A tenth of the users got no more than {low} tokens in "
            f"these, half {middle}, a tenth more than {high}. Three roles, two languages, two models.")


def explain_postgres(bench):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    first, last = today - datetime.timedelta(days=DAYS - 1), today + datetime.timedelta(days=1)
    edges = ", ".join(f"'{first + datetime.timedelta(days=n)} 00:00Z'" for n in range(DAYS + 1))
    edges = f"ARRAY[{edges}]::timestamptz[]"
    statements = {
        "mints": f"{edges}, NULL",
        "refusals": edges,
        "latencies": f"'{first} 00:00Z', '{last} 00:00Z', NULL",
        "active_users": f"'{first}', '{today}', NULL",
        "totals_of_users": f"'{first} 00:00Z', now(), '{first} 00:00Z', '{today} 00:00Z', NULL",
        "names_of_users": f"ARRAY{list(range(1, 101))}",
    }
    connect = (ROOT / "src/store/postgres/connect.rs").read_text()
    session = re.search(r'CALM_SESSION: &str = "([^"]*)"', connect)[1]
    texts = []
    for name, values in statements.items():
        query = (ROOT / f"sql/postgres/queries/reports/{name}.sql").read_text()
        run = f"{session}; PREPARE asked AS {query}; EXPLAIN (ANALYZE, BUFFERS) EXECUTE asked ({values})"
        texts.append(f"-- {name}.sql\n\n{bench.postgres.sql('reports', run)}\n")
    return "\n".join(texts)


def explain_sqlite(bench):
    file = sqlite3.connect(f"file:{sqlite_file(bench)}?mode=ro", uri=True)
    texts = []
    for name in ("mints", "refusals", "latencies", "active_users", "totals_of_users", "name_of_user"):
        query = (ROOT / f"sql/sqlite/queries/reports/{name}.sql").read_text()
        count = max(map(int, re.findall(r"\?(\d)", query)))
        # The numbers and parents of its steps.
        steps, depth = [], {0: 0}
        for at, parent, _, step in file.execute(f"EXPLAIN QUERY PLAN {query}", [None] * count):
            depth[at] = depth[parent] + 1
            steps.append("  " * depth[parent] + step)
        texts.append(f"-- {name}.sql\n\n" + "\n".join(steps) + "\n")
    file.close()
    return "\n".join(texts)
