"""Drives the service so that every series moves, then asks a real Prometheus every query of the dashboard and of the alerts."""

import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

root, base, simulator, prometheus, store, *tokens = sys.argv[1:]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SERIES = re.compile(r"\b(?:ephemint|process)_[a-z_]+\b|\bup\b")
# What only PostgreSQL has.
POSTGRES_ONLY = "ephemint_store_connections"
# Alerts that this run has to raise.
RAISED = {"EphemintProviderRejects"}


def call(method, url, body=None, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def mint(token, **body):
    return call("POST", f"{base}/v1/realtime/client_secrets", body, token)[0]


def fault(kind, expected):
    assert call("PUT", f"{simulator}/_sim/fault", {"fault": {"kind": kind}, "times": 1})[0] == 204
    status = mint(tokens[1])
    assert status == expected, f"with {kind}: {status}"


def ask(query):
    """The series of a query now; fails where Prometheus does not understand it."""
    status, body = call("GET", f"{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": query}))
    answer = json.loads(body)
    if status != 200 or answer["status"] != "success":
        sys.exit(f"Prometheus refuses {query}: {answer.get('error')}")
    return answer["data"]["result"]


def await_series(query, patience=20):
    """The series of a query, as soon as there are any."""
    until = time.monotonic() + patience
    while not (found := ask(query)) and time.monotonic() < until:
        time.sleep(0.5)
    return found


def await_prometheus():
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if call("GET", f"{prometheus}/-/ready")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit("Prometheus did not start")


def drive():
    """Mints, refusals by the limit, the policy and the door, and failures of the provider; a while apart, so that there is a rate."""
    for _ in range(3):
        assert mint(tokens[0]) == 200
        assert mint(tokens[1]) == 200
        assert mint("nobody") == 401
        assert mint(tokens[2], role="king") == 403
        time.sleep(1.2)
    while mint(tokens[2]) == 200:
        pass
    assert mint(tokens[2]) == 429
    fault("unauthorized", 502)
    fault("insufficient_quota", 502)
    fault("server_error", 502)
    time.sleep(2.2)


def check_targets():
    for job in ("ephemint", "with-token"):
        up = await_series(f'up{{job="{job}"}} == 1')
        assert up, f"{job} can't be scraped"


def check_counts():
    """What Prometheus has read is what was done: the counts are of the whole run, under names of the policy in force."""
    issued = 'sum(ephemint_mints_total{job="ephemint",outcome="issued",role="student",model="gpt-realtime-2.1-mini"})'
    minted = json.loads(call("GET", f"{simulator}/_sim/requests")[1])["minted"]
    read = float(ask(issued)[0]["value"][1])
    assert read == minted, f"{minted} tokens were minted, and Prometheus has read of {read}"
    refused = ask('ephemint_refusals_total{job="ephemint",code="provider_rejected"}')
    assert float(refused[0]["value"][1]) == 2, refused


def queries(dashboard):
    """The title and the text of every query, with the dashboard's variables filled in."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], fill(target["expr"])
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], fill(annotation["expr"])


def fill(query):
    return query.replace("$job", "ephemint").replace("$instance", ".*").replace("$__rate_interval", "1m")


def check_dashboard():
    dashboard = json.loads((pathlib.Path(root) / "deploy/grafana/ephemint.json").read_text())
    check_shape(dashboard)
    count = 0
    for title, query in queries(dashboard):
        found = await_series(query, patience=0 if title == "Alerts" else 10)
        count += 1
        if store != "postgres" and POSTGRES_ONLY in query:
            continue
        assert found, f"no series for {title}: {query}"
    print(f"  {count} queries of the dashboard, each with series of this run on {store}")


def check_shape(dashboard):
    """What Grafana asks of a dashboard: ids of their own, panels that don't overlap, variables that are there."""
    assert dashboard["schemaVersion"] >= 36 and dashboard["uid"] and dashboard["title"]
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels), "two panels have one id"
    taken = set()
    for panel in panels:
        assert panel["type"] in {"row", "stat", "timeseries"} and panel["title"], panel["id"]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, f"{panel['title']} lies over another panel"
        taken |= cells
        refs = [target["refId"] for target in panel.get("targets", [])]
        assert len(set(refs)) == len(refs) and (refs or panel["type"] == "row"), panel["title"]
    known = {variable["name"] for variable in dashboard["templating"]["list"]} | {"__rate_interval", "__all"}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard)))
    assert used <= known, f"no such variable: {used - known}"


def check_alerts():
    rules = json.loads(call("GET", f"{prometheus}/api/v1/rules")[1])["data"]["groups"][0]["rules"]
    missing = set()
    for rule in rules:
        assert rule["health"] == "ok", f"{rule['name']}: {rule.get('lastError')}"
        ask(rule["query"])
        # An alert that looks at what nobody counts is never raised.
        for name in set(SERIES.findall(rule["query"])):
            if not ask(f"count({name})"):
                missing.add(f"{rule['name']}: {name}")
    assert not missing, f"nothing is counted under {missing}"
    for name in RAISED:
        assert await_series(f'ALERTS{{alertname="{name}"}}'), f"{name} was not raised"
    quiet = {series["metric"]["alertname"] for series in ask("ALERTS")} - RAISED
    assert not quiet & {"EphemintDown", "EphemintStoreFailing", "EphemintPolicyRefused", "EphemintKeySetUnusable"}, quiet
    print(f"  {len(rules)} alerts, each of series that are there; raised: {', '.join(sorted(RAISED))}")


await_prometheus()
check_targets()
drive()
check_counts()
check_alerts()
check_dashboard()
