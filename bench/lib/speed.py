"""The mint against the bare pass-through, and what else a mint is measured by."""

import pathlib
import time

from . import report
from .machine import PROGRAM, Bench, free_port, median, until_ready


class Subject:
    """Something that is put under load, and what it costs."""

    def __init__(self, name, address, processes, tokens=None, refused=None):
        self.name, self.address, self.processes, self.tokens = name, address, processes, tokens
        self.refused = refused
        self.rounds, self.cpu_us = [], []

    def measure(self, bench, connections=64):
        before = [process.cpu_seconds() for process in self.processes]
        said = bench.wrk(self.address, connections, self.tokens)
        after = [process.cpu_seconds() for process in self.processes]
        refused = said["not_2xx"] >= said["requests"] - 2 * bench.seconds if self.refused else said["not_2xx"] == 0
        if not refused or said["broken"]:
            raise SystemExit(f"{self.name}: answers of the wrong kind: {said}")
        self.rounds.append(said)
        self.cpu_us.append([(b - a) * 1e6 / said["requests"] for a, b in zip(before, after)])
        print(f"{self.name}: {said['per_second']:.0f}/s, {cost(self.cpu_us[-1])} µs CPU each", flush=True)

    def median(self, figure):
        return median([said[figure] for said in self.rounds])

    def cost(self):
        return cost([median(column) for column in zip(*self.cpu_us)])


def cost(microseconds):
    return " + ".join(f"{figure:.0f}" for figure in microseconds)


def measure(bench: Bench, only):
    bare_upstream, upstream = bench.bare("upstream")
    postgres = bench.postgres

    def on_postgres(name, **settings):
        url = postgres.database(name.replace("-", "_"))
        return bench.service(name, upstream, {"DATABASE_URL": url, **settings})

    def pass_through():
        process, address = bench.bare("pass-through", "--upstream", f"{upstream}/v1")
        return Subject("pass-through", address, [process, bare_upstream])

    def mint_postgres():
        process, address = on_postgres("on_postgres")
        return Subject("PostgreSQL", address, [process, bare_upstream, postgres])

    def mint_sqlite():
        process, address = bench.service("on_sqlite", upstream, {})
        return Subject("SQLite", address, [process, bare_upstream])

    def ones():
        process, address = on_postgres("in_ones", STORE_MAX_BATCH="1")
        return Subject("PostgreSQL, batches of one", address, [process, bare_upstream, postgres])

    def hello():
        process, address = bench.bare("hello")
        return Subject("hello", address, [process])

    def unauthorized():
        process, address = bench.service("for_401", upstream, {})
        strangers = bench.folder / "strangers"
        lines = bench.tokens.read_text().splitlines()
        strangers.write_text("\n".join(line[:-6] + "AAAAAA" for line in lines) + "\n")
        return Subject("401", address, [process], strangers, refused=True)

    def burst():
        process, address = bench.service("for_429", upstream, {"BURST_PER_USER": "1"})
        one = bench.folder / "one"
        one.write_text(bench.tokens.read_text().splitlines()[0] + "\n")
        # One of them passes each second.
        return Subject("burst 429", address, [process], one, refused=True)

    makers = {
        "pass-through": pass_through, "postgres": mint_postgres, "sqlite": mint_sqlite, "ones": ones,
        "hello": hello, "401": unauthorized, "429": burst,
    }
    chosen = {key: make() for key, make in makers.items() if not only or key in only}
    # Once for nothing: caches fill, connections open, plans are made.
    for subject in chosen.values():
        bench.wrk(subject.address, 64, subject.tokens, 2)
    for _ in range(bench.rounds):
        for subject in chosen.values():
            subject.measure(bench)
    tables = [report.throughput(chosen)]
    if not only:
        tables += [lone(bench, chosen), memory(chosen), ready(bench, upstream), slow(bench)]
    return "\n\n".join(tables)


def lone(bench, chosen):
    rows = []
    for key in ("pass-through", "postgres", "sqlite"):
        subject = chosen[key]
        p50 = [bench.wrk(subject.address, 1, subject.tokens, 3)["p50_ms"] for _ in range(bench.rounds)]
        rows.append((subject.name, median(p50)))
    return report.lone(rows)


def memory(chosen):
    rows = []
    for key in ("postgres", "sqlite"):
        subject = chosen[key]
        mints = sum(said["requests"] for said in subject.rounds)
        rows.append((subject.name, mints, subject.processes[0].resident_mb()))
    return report.memory(rows)


def ready(bench, upstream):
    rows = []
    for name, fresh in (("a new database", True), ("one that is there", False)):
        times = []
        for number in range(5):
            folder = f"ready_{number if fresh else 0}"
            port = free_port()
            begun = time.monotonic()
            process = start(bench, folder, upstream, port)
            until_ready(f"http://127.0.0.1:{port}", begun + 10)
            times.append(time.monotonic() - begun)
            process.stop()
        rows.append((name, median(times)))
    return report.ready(rows, pathlib.Path(PROGRAM).stat().st_size)


def start(bench, folder, upstream, port):
    process, _ = bench.service(folder, upstream, {"BIND_ADDR": f"127.0.0.1:{port}"})
    return process


def slow(bench):
    upstream_process, upstream = bench.bare("upstream", "--delay-ms", "300")
    through, address = bench.bare("pass-through", "--upstream", f"{upstream}/v1")
    url = bench.postgres.database("slow")
    service, service_address = bench.service("slow", upstream, {"DATABASE_URL": url})
    rows = []
    for name, process, at in (("pass-through", through, address), ("PostgreSQL", service, service_address)):
        bench.wrk(at, 2000, seconds=3)
        said = [bench.wrk(at, 2000) for _ in range(bench.rounds)]
        failed = sum(one["not_2xx"] + one["broken"] for one in said)
        figures = [median([one[figure] for one in said]) for figure in ("per_second", "p50_ms", "p99_ms")]
        rows.append((name, *figures, failed, process.resident_mb()))
    for process in (service, through, upstream_process):
        process.stop()
    return report.slow(rows)
