#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Missions over HTTP and /ws/pipeline with the test radio: stored, started, changed, scheduled, over restarts.

usage: missions.py PATH_OF_G20 FOLDER_OF_THE_MODULE"""
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time

from client import Daemon, Ws, wait_for

exe, module = sys.argv[1], sys.argv[2]
if not os.path.exists(f"{module}/g20_test_radio.so"):
    print("SKIPPED: no C++ compiler, so there is no test radio")
    sys.exit(77)

VHF = {"ranges": [{"f_lo_hz": 100e6, "f_hi_hz": 103e6}], "dwell_s": 0.02}


def ask(d, method, path, body=None, want=200):
    c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=30)
    c.request(method, path, body=None if body is None else json.dumps(body),
              headers={} if body is None else {"Content-Type": "application/json"})
    r = c.getresponse()
    data = r.read()
    assert r.status == want, (method, path, r.status, data)
    return json.loads(data) if data else None


def one(d, m):
    return ask(d, "GET", "/api/missions/" + m["id"])


def tell(folder, text):
    with open(f"{folder}/radio.new", "w", encoding="utf-8") as f:
        f.write(text)
    os.rename(f"{folder}/radio.new", f"{folder}/radio")


def start(folder):
    return Daemon(exe, folder, "source.driver=soapy",
                  f"source.args=driver=g20test,play=tones,control={folder}/radio,g20:stall_ms=500", "source.sample_rate_hz=1e6",
                  "source.center_freq_hz=100.5e6", "fft.waterfall_nfft=4096", "inference.model=energy",
                  f"paths.models_dir={folder}/models", f"paths.capture_dir={folder}/captures", env={"SOAPY_SDR_PLUGIN_PATH": module})


def by_hand(d, folder):
    a = ask(d, "POST", "/api/missions", {"name": "vhf", "plan": VHF}, 201)
    assert a["state"] == "idle" and not a.get("enabled"), a
    ws = Ws(d.port)
    started = ask(d, "POST", f"/api/missions/{a['id']}/start")
    assert started["enabled"] is True and started["state"] in ("running", "waiting"), started
    told = json.loads(ws.until(lambda op, data: op == 1 and json.loads(data)["type"] == "mission" and
                               json.loads(data)["progress"]["visits"] > 3))
    assert (told["id"], told["name"], told["state"]) == (a["id"], "vhf", "running"), told
    wait_for("rounds", lambda: one(d, a)["progress"]["rounds"] >= 2)
    p = one(d, a)["progress"]
    assert p["steps"] == 4 and p["coverage"] == 1 and p["bands"][0]["dwell_s"] >= 0.02 and p["why"] == "", p
    assert [m["id"] for m in ask(d, "GET", "/api/missions?state=running")["missions"]] == [a["id"]]

    # One radio: another one is refused, or waits.
    b = ask(d, "POST", "/api/missions", {"name": "other", "plan": VHF}, 201)
    assert 'the mission "vhf" runs' in ask(d, "POST", f"/api/missions/{b['id']}/start", None, 409)["error"]
    assert one(d, b)["enabled"] is False
    ask(d, "PATCH", "/api/missions/" + b["id"], {"enabled": True})
    wait_for("its place in the queue", lambda: one(d, b)["state"] == "waiting")
    assert 'the mission "vhf" runs' in one(d, b)["progress"]["why"]
    stopped = ask(d, "POST", f"/api/missions/{a['id']}/stop")
    assert stopped["enabled"] is False and stopped["state"] == "idle" and stopped["progress"]["rounds"] >= 2, stopped
    wait_for("the next one", lambda: one(d, b)["state"] == "running")

    # Its plan changes: it begins anew, with the new one.
    ask(d, "PUT", "/api/missions/" + b["id"], {"name": "wide", "enabled": True,
                                                "plan": {**VHF, "ranges": [{"f_lo_hz": 200e6, "f_hi_hz": 208e6}]}})
    wait_for("the new plan", lambda: one(d, b)["state"] == "running" and one(d, b)["progress"]["steps"] == 10)
    assert one(d, b)["name"] == "wide"
    ask(d, "DELETE", "/api/missions/" + b["id"], None, 204)
    wait_for("its end", lambda: control(folder, "mission_status")["state"] == "idle")
    assert control(folder, "mission_stop")["message"] == "no mission runs"
    return a


def control(folder, *words):
    r = subprocess.run([exe, "ctl", "--socket", f"{folder}/g20.sock", *words], capture_output=True, text=True, timeout=60)
    return json.loads(r.stdout if r.returncode == 0 else r.stderr.splitlines()[-1])


def refusals(d, folder):
    for plan, want in (({**VHF, "ranges": [{"f_lo_hz": 1e6, "f_hi_hz": 2e6}]}, "10000000 to 6000000000"),
                       ({**VHF, "heads": [{"name": "nosuch", "threshold": 0.7}]}, "trunk|nosuch")):
        m = ask(d, "POST", "/api/missions", {"name": "bad", "plan": plan}, 201)
        said = ask(d, "POST", f"/api/missions/{m['id']}/start", None, 400)["error"]
        assert any(w in said for w in want.split("|")), said
        wait_for("its failure", lambda m=m: one(d, m)["state"] == "failed")
        assert any(w in one(d, m)["progress"]["why"] for w in want.split("|")) and one(d, m)["enabled"] is False, one(d, m)
        ask(d, "DELETE", "/api/missions/" + m["id"], None, 204)
    for plan in ({}, {**VHF, "heads": [{"name": "a", "threshold": 2}]}, {**VHF, "rounds": 0.5},
                 {**VHF, "record": {"when": "sometimes"}}, {**VHF, "record": {"when": "never", "x": 1}}):
        assert "plan" in ask(d, "POST", "/api/missions", {"name": "bad", "plan": plan}, 400)["error"]
    ask(d, "POST", "/api/missions/nosuch/start", None, 404)
    ask(d, "POST", "/api/missions/nosuch/halt", None, 404)
    ask(d, "GET", "/api/missions/nosuch/start", None, 405)
    ask(d, "POST", "/api/signals/nosuch/start", None, 404)
    ask(d, "PUT", "/api/missions/nosuch", {"name": "x", "plan": VHF}, 404)
    ask(d, "PUT", "/api/missions/nosuch", {"name": "x"}, 400)
    assert "ranges" in control(folder, "mission_start", "plan={}")["message"]


def schedules(d):
    """One is on for some seconds only, the other one always: they take turns."""
    now = time.time()

    def clock(t):
        return time.strftime("%H:%M", time.gmtime(t))
    tomorrow = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(time.gmtime(now).tm_wday + 2) % 7]
    off = ask(d, "POST", "/api/missions", {"name": "off", "enabled": True, "plan": {
        **VHF, "schedule": {"days": [tomorrow], "start": clock(now), "stop": clock(now + 120)}}}, 201)
    wait_for("it waits", lambda: one(d, off)["state"] == "waiting")
    assert one(d, off)["progress"]["why"] == "not its time"
    on = ask(d, "POST", "/api/missions", {"name": "on", "plan": {**VHF, "rounds": 2}}, 201)
    assert ask(d, "POST", f"/api/missions/{on['id']}/start")["state"] in ("running", "done")
    wait_for("both rounds", lambda: one(d, on)["state"] == "done")
    assert one(d, on)["enabled"] is False and one(d, on)["progress"]["rounds"] == 2, one(d, on)
    ask(d, "DELETE", "/api/missions/" + off["id"], None, 204)
    return on


def pulled_out(d, folder, m):
    """The radio vanishes in the middle, and comes back: so does the mission."""
    ask(d, "POST", f"/api/missions/{m['id']}/start")
    wait_for("visits", lambda: one(d, m)["progress"]["visits"] > 2)
    tell(folder, "vanished 1\n")
    wait_for("it waits", lambda: one(d, m)["state"] == "waiting")
    assert one(d, m)["progress"]["why"] == "no source is running"
    tell(folder, "")
    wait_for("its return", lambda: one(d, m)["state"] == "running")
    before = one(d, m)["progress"]["visits"]
    wait_for("more visits", lambda: one(d, m)["progress"]["visits"] > before + 2)


def hands_over(d, folder):
    """The first receiver scans, the second one is tuned to what it meets and records it."""
    plan = {"ranges": [{"f_lo_hz": 110e6, "f_hi_hz": 122e6}], "dwell_s": 0.3, "hand_over": True,
            "record": {"when": "never", "max_s": 0.2, "min_snr_db": 3}}
    # A carrier outside its ranges is there when it takes the radio: that one is not for it.
    assert control(folder, "tune", "center_freq_hz=131.2e6")["ok"]
    wait_for("a carrier elsewhere", lambda: any(e["f_lo_hz"] > 130e6 for e in ask(d, "GET", "/api/emissions?state=open")["emissions"]))
    m = ask(d, "POST", "/api/missions", {"name": "two", "plan": plan}, 201)
    ask(d, "POST", f"/api/missions/{m['id']}/start")
    wait_for("both carriers", lambda: one(d, m)["progress"].get("hand_over", {}).get("collected", 0) >= 2)
    ask(d, "POST", f"/api/missions/{m['id']}/stop")
    p = one(d, m)["progress"]["hand_over"]
    assert p["collected"] >= 2 and p["failed"] == 0, p
    found = ask(d, "GET", f"/api/captures?mission_id={m['id']}")["captures"]
    assert len(found) >= 2, found
    for c in found:
        assert (c["origin"], c["channel"], c["state"]) == ("mission", 1, "done") and c["emission_id"] > 0, c
        assert abs(c["center_hz"] - 111e6) < 1e5 or abs(c["center_hz"] - 121e6) < 1e5, c
        assert c["dropped"] == 0 and os.path.getsize(f"{folder}/captures/{c['path']}.sigmf-data") == c["bytes"] > 0, c
    assert len({round(c["center_hz"] / 1e6) for c in found}) == 2, found


def records_all(d, folder):
    m = ask(d, "POST", "/api/missions", {"name": "all", "plan": {**VHF, "record": {"when": "always"}}}, 201)
    ask(d, "POST", f"/api/missions/{m['id']}/start")
    wait_for("a round", lambda: one(d, m)["progress"]["rounds"] >= 1)
    ask(d, "POST", f"/api/missions/{m['id']}/stop")
    c, = ask(d, "GET", f"/api/captures?mission_id={m['id']}")["captures"]
    assert (c["origin"], c["state"]) == ("mission", "done") and c["samples"] > 0, c
    with open(f"{folder}/captures/{c['path']}.sigmf-meta", encoding="utf-8") as f:
        segments = {round(s["core:frequency"]) for s in json.load(f)["captures"]}
    assert len(segments) >= 4, segments  # one each step


def records_emissions(d, folder):
    plan = {"ranges": [{"f_lo_hz": 120.4e6, "f_hi_hz": 121.2e6}], "dwell_s": 0.5,
            "record": {"when": "emissions", "min_snr_db": 3, "max_s": 0.5}}
    m = ask(d, "POST", "/api/missions", {"name": "some", "plan": plan}, 201)
    ask(d, "POST", f"/api/missions/{m['id']}/start")

    def done():
        return [c for c in ask(d, "GET", f"/api/captures?mission_id={m['id']}")["captures"] if c["state"] == "done"]
    wait_for("the carrier", done)
    ask(d, "POST", f"/api/missions/{m['id']}/stop")
    c = done()[-1]
    assert abs(c["center_hz"] - 121e6) < 1e5 and c["bandwidth_hz"] < 5e5 and c["emission_id"] > 0, c
    assert all(120.4e6 <= x["center_hz"] <= 121.2e6 for x in done()), done()


def main():
    with tempfile.TemporaryDirectory() as folder:
        tell(folder, "")
        d = start(folder)
        try:
            a = by_hand(d, folder)
            refusals(d, folder)
            done = schedules(d)
            hands_over(d, folder)
            records_all(d, folder)
            records_emissions(d, folder)
            pulled_out(d, folder, a)
            code, took = d.stop()
            assert code == 0 and took < 5, (code, took)
            # After a restart it runs again; one that was done is still done.
            d = start(folder)
            wait_for("it runs again", lambda: one(d, a)["state"] == "running" and one(d, a)["progress"]["visits"] > 0)
            assert one(d, done)["state"] == "done" and one(d, done)["progress"]["rounds"] == 2
            d.close()  # killed
            d = start(folder)
            wait_for("it runs again", lambda: one(d, a)["state"] == "running")
            ask(d, "POST", f"/api/missions/{a['id']}/stop")
            assert one(d, a)["state"] == "idle"
        except BaseException:
            print(d.logged()[-4000:])
            raise
        finally:
            d.close()


if __name__ == "__main__":
    main()
