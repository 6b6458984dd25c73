#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP interface through a real client, each answer held against docs/openapi.yaml.

usage: api.py PATH_OF_G20 SOURCE_ROOT     needs python3-yaml and python3-jsonschema"""
import csv
import http.client
import io
import json
import os
import re
import sqlite3
import sys
import tempfile
import time

from client import KEEPS_UP, LIMIT_S, Daemon, get, teach, wait_for

try:
    import jsonschema
    import yaml
except ImportError as e:
    print(f"SKIP api: {e}")
    sys.exit(77)

exe, root = sys.argv[1], sys.argv[2]
with open(f"{root}/docs/openapi.yaml", encoding="utf-8") as f:
    API = yaml.safe_load(f)
SCENE = ("source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096")
seen = set()


def route_of(path):
    path = path.split("?")[0]
    if path in API["paths"]:
        return path
    return re.sub(r"^(/api/[^/]+)/[^/]+", r"\1/{id}", path)


def ask(d, method, path, body=None, headers=None, status=200):
    """The answer, whose status is @status and whose body fits the description."""
    c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=LIMIT_S)
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    head = {"Content-Type": "application/json"} if body is not None else {}
    c.request(method, path, data, {**head, **(headers or {})})
    r = c.getresponse()
    text = r.read()
    c.close()
    assert r.status == status, (method, path, r.status, text[:300])
    route = API["paths"].get(route_of(path), {}).get(method.lower())
    if route is None:
        assert r.status in (404, 405), (method, path, r.status)
        return json.loads(text) if text[:1] == b"{" else text
    seen.add((method.lower(), route_of(path)))
    described = route["responses"].get(str(r.status))
    assert described, f"{method} {path}: {r.status} is not in docs/openapi.yaml"
    kind = (r.getheader("content-type") or "").split(";")[0]
    if "content" not in described:
        assert text == b"", text
        return None
    assert kind in described["content"], (method, path, kind)
    if kind != "application/json" or ("format=sigmf" in path and status == 200):
        return text
    value = json.loads(text)
    schema = {**described["content"][kind]["schema"], "components": API["components"]}
    jsonschema.Draft202012Validator(schema).validate(value)
    return value


def refused(d, method, path, says, body=None, status=400, headers=None):
    error = ask(d, method, path, body, headers, status)["error"]
    assert says in error, (path, error)


def emissions(d):
    live = "state=closed&from_us=1000000000000000"
    wait_for("emissions", lambda: len(ask(d, "GET", "/api/emissions?" + live)["emissions"]) > 12)
    page = ask(d, "GET", f"/api/emissions?{live}&limit=5")
    ids = [e["id"] for e in page["emissions"]]
    assert len(ids) == 5
    again = ask(d, "GET", f"/api/emissions?{live}&limit=5&cursor={page['next']}")
    assert not set(ids) & {e["id"] for e in again["emissions"]}
    one = page["emissions"][0]
    near = ask(d, "GET", f"/api/emissions?from_us={one['start_us']}&to_us={one['start_us'] + 1}&f_lo_hz={one['f_lo_hz']}"
               f"&f_hi_hz={one['f_hi_hz']}&class={one['class']}&min_snr={one['snr_db'] - 1}&channel=0")
    assert one["id"] in [e["id"] for e in near["emissions"]]
    assert ask(d, "GET", "/api/emissions?class=nobody") == {"emissions": [], "next": None}
    for query, says in (("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("bogus=1", "bogus"),
                        ("from_us=-1", "from_us"), ("from_us=5&to_us=5", "to_us"), ("f_lo_hz=nan", "f_lo_hz"),
                        ("f_lo_hz=2&f_hi_hz=1", "f_hi_hz"), ("min_snr=", "min_snr"), ("state=shut", "state"),
                        ("order=up", "order"), ("cursor=1", "cursor"), ("cursor=1.2.3", "cursor"), ("format=xml", "format"),
                        ("class=" + "a" * 40, "class"), ("channel=1.5", "channel"), ("class=a&class=b", "class"),
                        ("format=sigmf&order=desc", "order"), ("limit", "query")):
        refused(d, "GET", "/api/emissions?" + query, says)
    refused(d, "POST", "/api/emissions", "method", {}, 405)


def exports(d, count):
    """The same rows in each format, in pieces: more of them than one piece holds."""
    lines = [json.loads(x) for x in ask(d, "GET", "/api/emissions?format=jsonl&from_us=1&to_us=1000000000").splitlines()]
    assert len(lines) == count, len(lines)
    assert [e["start_us"] for e in lines] == sorted(e["start_us"] for e in lines)
    table = list(csv.DictReader(io.StringIO(ask(d, "GET", "/api/emissions?format=csv&from_us=1&to_us=1000000000").decode())))
    assert [int(r["id"]) for r in table] == [e["id"] for e in lines]
    sigmf = json.loads(ask(d, "GET", "/api/emissions?format=sigmf&from_us=1&to_us=1000000000"))
    notes = sigmf["annotations"]
    assert sigmf["global"]["core:metadata_only"] is True and len(notes) == count
    assert notes[0]["core:sample_start"] == 0
    assert notes[-1]["core:sample_start"] == lines[-1]["start_us"] - lines[0]["start_us"]
    assert len(ask(d, "GET", "/api/emissions?format=jsonl&limit=7").splitlines()) == 7
    c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=LIMIT_S)
    for _ in range(2):  # the connection is good for more after an export
        c.request("GET", "/api/emissions?format=csv&from_us=1&to_us=1000000000")
        assert len(c.getresponse().read().splitlines()) == count + 1
    c.request("HEAD", "/api/emissions?format=csv")
    r = c.getresponse()
    assert r.status == 200 and r.read() == b""
    c.request("GET", "/api/signals")
    assert json.loads(c.getresponse().read())["next"] is None
    c.close()


def signals(d):
    s = ask(d, "POST", "/api/signals", {"name": "tpms", "notes": "tyres", "bandwidth_hz": 2e5}, status=201)
    assert ask(d, "GET", "/api/signals/" + s["id"]) == s
    s = ask(d, "PATCH", "/api/signals/" + s["id"], {"name": "tpms-2", "notes": None, "modulation": "FSK"})
    assert s["name"] == "tpms-2" and "notes" not in s
    assert [x["id"] for x in ask(d, "GET", "/api/signals?name=tpms-2")["signals"]] == [s["id"]]
    refused(d, "POST", "/api/signals", "already", {"name": "tpms-2"}, 409)
    refused(d, "POST", "/api/signals", "name: required", {})
    for name in ("../x", "a/b", ".a", " a", "a "):  # it could not be taught: its samples lie under its name
        refused(d, "POST", "/api/signals", "name: want plain text", {"name": name})
    refused(d, "POST", "/api/signals", "colour", {"name": "a", "colour": 1})
    refused(d, "POST", "/api/signals", "invalid JSON", b"{nonsense")
    refused(d, "POST", "/api/signals", "invalid JSON", b'{"name":"a","name":"b"}')
    refused(d, "POST", "/api/signals", "want a JSON object", b"")
    refused(d, "POST", "/api/signals", "Content-Type", {"name": "a"}, 415, {"Content-Type": "text/plain"})
    refused(d, "POST", "/api/signals", "longer", b" " * 131073, 413)
    refused(d, "POST", "/api/signals?x=1", "query", {"name": "a"})
    refused(d, "POST", "/api/signals", "Origin", {"name": "a"}, 403, {"Origin": "http://evil.example"})
    # A page whose name was made to point at this machine sends no Origin when it only reads.
    for path in ("/api/emissions", "/api/config", "/metrics", "/video.mjpeg", "/health", "/"):
        assert get(d.port, path, headers={"Host": f"evil.example:{d.port}"})[0] == 403, path
    for host in ("localhost", f"localhost:{d.port}", "127.0.0.1"):
        assert get(d.port, "/api/emissions", headers={"Host": host})[0] == 200, host
    ask(d, "POST", "/api/signals", {"name": "own"}, {"Origin": f"http://127.0.0.1:{d.port}"}, 201)
    refused(d, "DELETE", "/api/signals/" + s["id"], "Origin", status=403, headers={"Origin": "http://evil.example"})
    refused(d, "PATCH", "/api/signals/nobody", "nobody", {"notes": "x"}, 404)
    refused(d, "GET", "/api/signals?bandwidth_hz=1", "bandwidth_hz")
    refused(d, "PUT", "/api/signals", "method", {}, 405)
    ask(d, "DELETE", "/api/signals/" + s["id"], status=204)
    refused(d, "DELETE", "/api/signals/" + s["id"], s["id"], status=404)
    again = ask(d, "POST", "/api/signals", {"id": s["id"], "name": "tpms"}, status=201)  # undo
    assert again["id"] == s["id"]


def missions(d):
    plan = {"ranges": [{"f_lo_hz": 433e6, "f_hi_hz": 435e6}], "record": {"when": "emissions"},
            "schedule": {"days": ["mon"], "start": "22:30", "stop": "05:00"}}
    m = ask(d, "POST", "/api/missions", {"name": "ism", "plan": plan, "enabled": True}, status=201)
    assert m["plan"] == plan
    refused(d, "POST", "/api/missions", "plan: ranges[0].f_hi_hz",
            {"name": "b", "plan": {"ranges": [{"f_lo_hz": 2, "f_hi_hz": 1}]}})
    for field, says in (({"dwel_s": 1}, "plan: dwel_s is unknown"), ({"schedule": {"from": "1"}}, "schedule.from is unknown"),
                        ({"heads": [{"nam": "a"}]}, "plan: heads[0].nam is unknown")):
        refused(d, "PATCH", "/api/missions/" + m["id"], says, {"plan": {**plan, **field}})
    refused(d, "PATCH", "/api/missions/" + m["id"], "plan: want an object", {"plan": []})
    refused(d, "PATCH", "/api/missions/" + m["id"], "set by the daemon", {"state": "running"})
    assert ask(d, "PATCH", "/api/missions/" + m["id"], {"enabled": False})["enabled"] is False
    assert ask(d, "GET", "/api/missions")["missions"][0]["id"] == m["id"]
    assert ask(d, "GET", "/api/missions/" + m["id"])["name"] == "ism"
    whole = ask(d, "PUT", "/api/missions/" + m["id"], {"name": "all", "plan": {"ranges": plan["ranges"]}})
    assert (whole["name"], whole["plan"], whole.get("enabled")) == ("all", {"ranges": plan["ranges"]}, None), whole
    refused(d, "PUT", "/api/missions/" + m["id"], "plan: required", {"name": "all"})
    refused(d, "PUT", "/api/missions/" + m["id"], "id: cannot be changed", {"id": m["id"], "name": "all", "plan": plan})
    assert ask(d, "POST", f"/api/missions/{m['id']}/start")["state"] == "running"
    refused(d, "POST", f"/api/missions/{m['id']}/start", "body: want none", {"a": 1})
    assert ask(d, "POST", f"/api/missions/{m['id']}/stop")["enabled"] is False
    refused(d, "POST", "/api/missions/none/start", "mission", status=404)
    ask(d, "DELETE", "/api/missions/" + m["id"], status=204)


def a_moment(d):
    """A capture of 50 ms out of the ring. One that loses samples may have lost just these."""
    for _ in range(1 if KEEPS_UP else 100):
        start = ask(d, "GET", "/api/ring")["to_us"] - 100000
        try:
            return ask(d, "POST", "/api/captures", {"start_us": start, "duration_us": 50000}, status=201)
        except AssertionError as e:
            if KEEPS_UP or "nothing was recorded then" not in str(e):
                raise
        time.sleep(0.1)
    raise TimeoutError("a moment without a loss")


def files(d):
    assert [c["id"] for c in ask(d, "GET", "/api/captures?state=done")["captures"]] == ["cap1"]
    assert ask(d, "GET", "/api/captures/cap1")["path"] == "x"
    assert ask(d, "PATCH", "/api/captures/cap1", {"keep": True, "notes": "good"})["keep"] is True
    refused(d, "PATCH", "/api/captures/cap1", "path: is set by the daemon", {"path": "/etc/passwd"})
    refused(d, "GET", "/api/captures?channel=x", "channel")
    refused(d, "DELETE", "/api/captures/none", "none", status=404)
    wait_for("IQ", lambda: ask(d, "GET", "/api/ring")["seconds"] > 0.2)
    made = a_moment(d)
    wait_for("the capture", lambda: ask(d, "GET", f"/api/captures/{made['id']}")["state"] == "done")
    size = len(ask(d, "GET", f"/api/captures/{made['id']}/data"))
    assert size == 400000 or not KEEPS_UP and 0 < size < 400000, size
    assert ask(d, "GET", f"/api/captures/{made['id']}/meta")["global"]["core:sample_rate"] == 2e6
    refused(d, "POST", "/api/captures", "not held", {"start_us": 5, "duration_us": 50000}, 410)
    refused(d, "POST", "/api/captures", "start_us", {}, 400)
    assert ask(d, "GET", "/api/triggers")["triggers"] == []
    assert len(ask(d, "POST", "/api/triggers", {"triggers": [{"class": "none"}]})["triggers"]) == 1
    refused(d, "POST", "/api/triggers", "max_s", {"triggers": [{"max_s": 0}]})
    refused(d, "GET", "/api/triggers/x", "not found", status=404)
    refused(d, "GET", "/api/captures/cap1/data", "cannot be read", status=404)
    ask(d, "DELETE", f"/api/captures/{made['id']}", status=204)
    sample = teach(d.port, "fm")
    assert [(s["id"], len(s["boxes"])) for s in ask(d, "GET", "/api/samples?signal=fm")["samples"]] == [(sample, 1)]
    assert ask(d, "GET", "/api/samples/" + sample)["signal"] == "fm"
    assert ask(d, "GET", "/api/samples?signal=gone")["samples"] == []  # it was in the database and on no disk
    signal = ask(d, "GET", "/api/signals?name=fm")["signals"][0]
    refused(d, "PATCH", "/api/signals/" + signal["id"], "rename_signal", {"name": "wfm"}, 409)
    refused(d, "DELETE", "/api/signals/" + signal["id"], "samples", status=409)
    refused(d, "POST", "/api/samples", "method", {}, 405)
    refused(d, "GET", "/api/signals/a%20b", "not found", status=404)


def logs(d):
    first = ask(d, "GET", "/api/logs")
    assert any(x["message"] == "ready" and x["module"] == "serve" for x in first["lines"]), first
    assert first["missed"] == 0 and first["next"] >= len(first["lines"]) > 3
    newest = ask(d, "GET", "/api/logs?limit=1")
    assert len(newest["lines"]) == 1 and newest["missed"] == newest["next"] - 1
    assert ask(d, "GET", f"/api/logs?after={newest['next']}")["missed"] == 0
    assert len(ask(d, "GET", "/api/logs?after=1e12")["lines"]) >= len(first["lines"])  # of another life
    refused(d, "GET", "/api/logs?after=-1", "after")
    refused(d, "GET", "/api/logs?limit=1001", "limit")
    refused(d, "GET", "/api/logs?level=debug", "level")


def fill(path):
    """What other parts of the daemon would have stored."""
    db = sqlite3.connect(path)
    db.executemany("INSERT INTO emissions(state,channel,class,class_id,start_us,end_us,duration_s,f_lo_hz,f_hi_hz,absolute,model,"
                   "model_version) VALUES(1,0,'old',1,?,?,0.001,1e6,2e6,1,'m','1')",
                   [(1000 + i * 10, 2000 + i * 10) for i in range(1234)])
    db.execute("INSERT INTO captures(id,created_us,updated_us,state,path,start_us) VALUES('cap1',1,1,'done','x',5)")
    db.execute("INSERT INTO signals(id,created_us,updated_us,name) VALUES('sig1',1,1,'fm')")
    db.execute("INSERT INTO signals(id,created_us,updated_us,name) VALUES('sig2',1,1,'gone')")
    db.execute("INSERT INTO samples(id,created_us,updated_us,signal,path,boxes) VALUES('smp1',1,1,'gone','p','[{\"x_min\":0.5}]')")
    db.execute("INSERT INTO emissions(state,channel,class,class_id,start_us,end_us,duration_s,f_lo_hz,f_hi_hz,absolute,model,"
               "model_version) VALUES(0,0,'cut',1,5,6,0.001,1e6,2e6,1,'m','1')")
    db.commit()
    db.close()


def every_route_is_described():
    routes = set()
    for name in ("answer.c", "api_route.c"):
        with open(f"{root}/src/server/{name}", encoding="utf-8") as f:
            routes |= set(re.findall(r'^\s+\{"(/[a-z/]+)", ', f.read(), re.M))
    assert len(routes) >= 10 and routes == {p for p in API["paths"] if "{" not in p} - {"/video.mjpeg", "/api/logs"}, routes ^ set(API["paths"])
    described = {(m, p) for p, methods in API["paths"].items() for m in methods}
    assert described == seen, described ^ seen


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(exe, folder, *SCENE, f"paths.data_dir={folder}/data", f"paths.training_dir={folder}/t", "storage.retention_days=0")
        try:
            d.stop()
            fill(f"{folder}/data/g20.db")
            d = Daemon(exe, folder, *SCENE, f"paths.data_dir={folder}/data", f"paths.training_dir={folder}/t", "storage.retention_days=0")
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            assert ask(d, "GET", "/health")["parts"]["storage"] == "ok"
            for path in ("/metrics", "/api/capabilities", "/api/config", "/api/devices", "/api/models",
                         "/api/ring"):
                ask(d, "GET", path)
            c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=LIMIT_S)
            c.request("GET", "/video.mjpeg")  # has no end
            r = c.getresponse()
            assert r.status == 200 and r.getheader("content-type").startswith("multipart/x-mixed-replace"), r.getheaders()
            r.close()
            c.close()
            seen.add(("get", "/video.mjpeg"))
            assert ask(d, "GET", "/api/emissions?class=cut")["emissions"][0]["state"] == "unfinished"
            logs(d)
            exports(d, 1235)
            emissions(d)
            signals(d)
            missions(d)
            files(d)
            every_route_is_described()
            # Killed while it writes: what was there is there, what was on is unfinished, ids go on.
            before = {e["id"] for e in ask(d, "GET", "/api/emissions?state=closed&limit=1000")["emissions"]}
            d.close()
            d = Daemon(exe, folder, *SCENE, f"paths.data_dir={folder}/data", f"paths.training_dir={folder}/t", "storage.retention_days=0")
            wait_for("new emissions", lambda: max(e["id"] for e in ask(
                d, "GET", "/api/emissions?limit=10")["emissions"]) > max(before))
            after = {}
            cursor = ""
            while cursor is not None:
                page = ask(d, "GET", "/api/emissions?limit=1000" + (cursor and "&cursor=" + cursor))
                after.update({e["id"]: e["state"] for e in page["emissions"]})
                cursor = page["next"]
            assert all(after.get(i) == "closed" for i in before)
            assert d.stop()[0] == 0, d.logged()[-2000:]
        finally:
            d.close()
    print(f"api: {len(seen)} operations, {len(API['paths'])} paths")


if __name__ == "__main__":
    main()
