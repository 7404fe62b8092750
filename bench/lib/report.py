"""Figures as tables, and their place in bench/README.md."""

import os
import pathlib
import platform
import subprocess

from .machine import ROOT


def platform_of(bench):
    cpu = next(
        (line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.processor())
    version = bench.postgres.call("postgres", "--version").strip()
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()[1]
    return f"{os.cpu_count()} × {cpu}, Linux {platform.release()}; {version}; Rust {rustc}, profile `release`"


def machine(bench):
    return f"{platform_of(bench)}. Medians of {bench.rounds}, {bench.seconds} s each."


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(['---'] + ['---:'] * (len(head) - 1))}|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def throughput(subjects):
    baselines = {"hello": "hello", "401": "hello", "429": "hello"}
    rows = []
    for key, subject in subjects.items():
        baseline = subjects.get(baselines.get(key, "pass-through"))
        ratio = f"{subject.median('per_second') / baseline.median('per_second'):.2f}" if baseline else ""
        rows.append((subject.name, f"{subject.median('per_second'):,.0f}", ratio, f"{subject.median('p50_ms'):.2f}",
                     f"{subject.median('p99_ms'):.2f}", subject.cost()))
    head = ("64 connections", "requests a second", "ratio", "p50 ms", "p99 ms", "CPU µs each: itself + upstream + database")
    text = table(head, rows)
    if "ones" in subjects and "postgres" in subjects:
        gain = subjects["postgres"].median("per_second") / subjects["ones"].median("per_second")
        text += f"\n\nBatches: {gain:.1f} × batches of one."
    return text


def lone(rows):
    base = rows[0][1]
    body = [(name, f"{p50:.2f}", f"{p50 - base:+.2f}") for name, p50 in rows]
    return table(("one connection", "p50 ms", "against the pass-through"), body)


def memory(rows):
    body = [(name, f"{mints:,}", f"{resident:.0f}") for name, mints, resident in rows]
    return table(("memory", "after so many mints", "resident MB"), body)


def ready(rows, size):
    body = [(name, f"{seconds * 1000:.0f}") for name, seconds in rows]
    return table(("start on SQLite", "ms to the first 200 of /readyz"), body) + f"\n\nThe program: {size / 1e6:.0f} MB."


def slow(rows):
    body = [(name, f"{rate:,.0f}", f"{p50:.0f}", f"{p99:.0f}", f"{failed}", f"{resident:.0f}")
            for name, rate, p50, p99, failed, resident in rows]
    head = ("upstream of 300 ms, 2,000 connections", "requests a second", "p50 ms", "p99 ms", "failed", "resident MB")
    return table(head, body)


def write(section, text, script="bench/run"):
    readme = ROOT / "bench/README.md"
    begin, end = f"<!-- {section}: written by {script} -->", f"<!-- end of {section} -->"
    before, rest = readme.read_text().split(begin, 1)
    readme.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}")
