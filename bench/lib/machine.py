"""Processes, and what they cost: started, measured and stopped again, whatever happens."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/release/ephemint"
BARE = ROOT / "target/release/ephemint-bench"
SECRET = "a-secret-of-the-bench-and-nobody-else-0123456789"
API_KEY = "sk-bench-0123456789"
MINT = "/v1/realtime/client_secrets"
TICKS = os.sysconf("SC_CLK_TCK")
# Policies of the bench: the built-in one, with room for as many mints as are measured.
HOURLY_TOKENS = 1000


class Process:
    """A program that runs until it is stopped."""

    def __init__(self, name, command, environment=None, log=None):
        self.name = name
        self.log = log or subprocess.DEVNULL
        self.child = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=self.log, env=environment, text=True
        )

    def first_line(self):
        line = self.child.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} did not start")
        return line.strip()

    def pids(self):
        return [self.child.pid]

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in self.pids())

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(40)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        if self.child.stdout:
            self.child.stdout.close()


def cpu_seconds(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


class Postgres:
    """A private cluster with the server's own defaults, but for its address and the number of connections."""

    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        self.programs = found[-1].parent if found else pathlib.Path(shutil.which("initdb") or "/nowhere/initdb").parent
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}"
        self.user = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            folder.chmod(0o755)
            self.user = ["runuser", "-u", "postgres", "--"]
        self.call("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self.call("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", options, "start")
        self.postmaster = int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def call(self, program, *arguments):
        command = [*self.user, self.programs / program, *arguments]
        done = subprocess.run([str(part) for part in command], cwd="/", capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{program} failed: {done.stderr or done.stdout}")
        return done.stdout

    def sql(self, database, text):
        return self.call("psql", f"{self.url}/{database}", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", text).strip()

    def database(self, name):
        self.sql("postgres", f"CREATE DATABASE {name}")
        return f"{self.url}/{name}"

    def cpu_seconds(self):
        children = pathlib.Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        own = pathlib.Path(f"/proc/{self.postmaster}/stat").read_text().rsplit(")", 1)[1].split()
        # Those that have ended are counted with the postmaster.
        return (sum(int(own[field]) for field in (11, 12, 13, 14)) / TICKS) + sum(map(cpu_seconds, children))

    def stop(self):
        self.call("pg_ctl", "-D", self.folder / "data", "-m", "fast", "-w", "stop")


class Bench:
    """Everything that is started goes away with it."""

    def __init__(self, rounds, seconds):
        self.rounds, self.seconds = rounds, seconds
        self.exits = contextlib.ExitStack()

    def __enter__(self):
        self.folder = pathlib.Path(self.exits.enter_context(tempfile.TemporaryDirectory(prefix="ephemint_bench_")))
        self.tokens = self.folder / "tokens"
        self.write_tokens(self.tokens, 20_000)
        self.policy = self.folder / "policy.toml"
        built_in = (ROOT / "policy.toml").read_text()
        self.policy.write_text(built_in.replace("hourly_tokens = 10 ", f"hourly_tokens = {HOURLY_TOKENS} ", 1))
        self.postgres = Postgres(self.folder)
        self.exits.callback(self.postgres.stop)
        return self

    def __exit__(self, *failure):
        return self.exits.__exit__(*failure)

    def write_tokens(self, path, users):
        expires = int(time.time()) + 86_400
        with open(path, "w") as file:
            for number in range(users):
                file.write(jwt({"sub": f"user-{number}", "iss": "https://id.bench.example", "exp": expires}) + "\n")

    def run(self, name, command, environment=None, log=None):
        process = Process(name, command, environment, log)
        self.exits.callback(process.stop)
        return process

    def bare(self, *arguments):
        """One of the bare parts. Gives it and its address."""
        process = self.run(arguments[0], [BARE, *arguments])
        return process, f"http://{process.first_line()}"

    def service(self, name, upstream, settings):
        """The service with these settings. Gives it and its address."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        environment = {
            "BIND_ADDR": "127.0.0.1:0",
            "OPENAI_API_KEY": API_KEY,
            "OPENAI_BASE_URL": f"{upstream}/v1",
            "JWT_SECRET": SECRET,
            "JWT_ISSUER": "https://id.bench.example",
            "POLICY_FILE": str(self.policy),
            "DATA_DIR": str(folder),
            "BURST_PER_IP": "0",
            "BURST_PER_USER": "0",
            "RUST_LOG": "warn,ephemint::cli::serve=info",
            "LOG_FORMAT": "json",
            "PATH": os.environ["PATH"],
            **settings,
        }
        log = self.exits.enter_context(open(folder / "errors", "w"))
        process = self.run(name, [PROGRAM, "serve"], environment, log)
        while True:
            said = json.loads(process.first_line())
            if said.get("message") == "serving":
                return process, f"http://{said['address']}"

    def wrk(self, address, connections=64, tokens=None, seconds=None):
        """One measurement, in wrk's own figures."""
        return self.wrk_together([address], connections, tokens, seconds)

    def wrk_together(self, addresses, connections, tokens=None, seconds=None):
        """The same at several addresses at once, added up; latencies are those of the slowest."""
        rest = ["--", str(tokens or self.tokens), MINT, "{}"]
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds or self.seconds}", "--timeout", "20s", "-s"]
        command.append(str(ROOT / "bench/mint.lua"))
        running = [
            subprocess.Popen([*command, address, *rest], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for address in addresses
        ]
        said = []
        for one in running:
            out, errors = one.communicate()
            if one.returncode:
                raise SystemExit(f"wrk failed: {errors or out}")
            said.append(json.loads(out.strip().splitlines()[-1]))
        total = {name: sum(one[name] for one in said) for name in ("requests", "not_2xx", "broken")}
        total |= {name: max(one[name] for one in said) for name in ("p50_ms", "p99_ms")}
        total["per_second"] = sum(one["requests"] / one["seconds"] for one in said)
        return total


def jwt(claims):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    message = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims, separators=(",", ":")).encode())
    return (message + b"." + part(hmac.digest(SECRET.encode(), message, hashlib.sha256))).decode()


def free_port():
    import socket

    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def until_ready(address, deadline):
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.001)
    raise SystemExit(f"{address} did not become ready")


def median(figures):
    return statistics.median(figures)
