#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon with a radio: the test radio of tests/soapy, which does what a file says.

usage: radio.py PATH_OF_G20 FOLDER_OF_THE_MODULE"""
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

from client import Daemon, Ws, get, wait_for

exe, module = sys.argv[1], sys.argv[2]
if not os.path.exists(f"{module}/g20_test_radio.so"):
    print("skipped: no C++ compiler, so there is no test radio")
    sys.exit(77)


def api(d, path):
    status, _, body = get(d.port, path)
    assert status == 200, (path, status, body)
    return json.loads(body)


def metric(d, name):
    return next(float(line.split()[1]) for line in get(d.port, "/metrics")[2].decode().splitlines()
                if line.startswith(name + " "))


def tell(text):
    with open(control + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.rename(control + ".new", control)


def now():
    source = ctl("status")["source"]
    return source["bandwidth_hz"], source["gain_db"], source["agc"]


def ctl(*words):
    print("ctl", *words, flush=True)
    r = subprocess.run([exe, "ctl", "--socket", f"{folder}/g20.sock", *words], capture_output=True, text=True, timeout=60)
    return json.loads(r.stdout) if r.returncode == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


with tempfile.TemporaryDirectory() as folder:
    control = f"{folder}/radio"
    tell("")
    d = Daemon(exe, folder, "source.driver=soapy", f"source.args=driver=g20test,play=tones,control={control},g20:stall_ms=500",
               "source.sample_rate_hz=2e6", "source.center_freq_hz=100.5e6", "source.gain_db=30", "fft.waterfall_nfft=4096",
               "inference.model=energy",
               env={"SOAPY_SDR_PLUGIN_PATH": module, "G20_TEST_RADIO": control})
    try:
        wait_for("rows", lambda: metric(d, "g20_rows_total") > 5)
        # What it can comes from the device.
        h = api(d, "/api/capabilities")["hardware"]
        assert (h["driver"], h["min_freq_mhz"], h["max_freq_mhz"], h["sample_rate_mhz"]) == ("soapy", 10, 6000, 2), h
        assert h["gain_db"] == {"min": 0, "max": 60} and h["channels"] == 2 and h["antennas"] == ["RX", "TX/RX"], h
        assert h["bandwidth_options_mhz"] == [5, 10, 20, 25, 40, 50] and h["can_tune"] is True, h
        wait_for("the list", lambda: api(d, "/api/devices")["looked_us"] > 0)
        found = api(d, "/api/devices")["devices"]
        assert [x for x in found if x["hardware"] == "g20test" and x["serial"] == "20" and x["driver"] == "soapy"], found
        assert [x for x in found if x["driver"] == "scene"], found

        # Its filter and its gain now are in the status, also right after a change, before samples of after it come.
        assert now() == (20e6, 30, False), now()

        # Tuned by both ways; rows after it lie where they should, and the carrier at 111 MHz shows.
        ws = Ws(d.port)
        r = ws.ask('{"command":"tune","channel_id":0,"center_freq_hz":110.7e6,"bandwidth_hz":10e6,"gain_db":12.4,"id":1}')
        assert r == {"type": "tuned", "channel_id": 0, "center_freq_hz": 110.7e6, "bandwidth_hz": 10e6, "gain_db": 12, "id": 1}, r
        ws.send('{"command":"tune","channel_id":0,"bandwidth_hz":25e6,"gain_db":14,"id":2}')
        ws.send('{"command":"status","id":3}')
        s = ws.reply(3)["source"]
        assert (s["bandwidth_hz"], s["gain_db"]) == (25e6, 14), s
        r = ws.ask('{"command":"tune","channel_id":0,"center_freq_hz":7e9}')
        assert (r["code"], "10000000 to 6000000000" in r["message"]) == ("out_of_range", True), r
        r = ws.ask('{"command":"tune","channel_id":0,"center_freq_hz":2.0005e9}')
        assert (r["code"], "no lock" in r["message"]) == ("tune_failed", True), r
        ws.ask('{"command":"set_view","width":256,"format":0,"fps":60}')
        new = ws.until(lambda op, data: op == 2 and data[:4] == b"WF01" and struct.unpack_from("<d", data, 24)[0] == 110.7e6 and
                       struct.unpack_from("<I", data, 40)[0] == 256)
        row = new[-256:]
        at = max(range(256), key=row.__getitem__)
        assert abs(110.7e6 - 1e6 + (at + 0.5) * 2e6 / 256 - 111e6) < 2e4, at
        assert ctl("tune", "gain_db=20") == {"ok": True, "actual_freq_hz": 110.7e6, "actual_bandwidth_hz": 25e6, "actual_gain_db": 20}
        assert "want 0 to 60" in ctl("tune", "gain_db=61")
        assert now() == (25e6, 20, False), now()
        assert metric(d, "g20_samples_stale_total") > 0

        # A mission sweeps more than the radio sees at once, and keeps account.
        plan = {"name": "sweep", "ranges": [{"f_lo_hz": 100e6, "f_hi_hz": 108e6}, {"f_lo_hz": 430e6, "f_hi_hz": 431e6}], "dwell_s": 0.03}
        for bad, want in (({"name": "x"}, "ranges: want"), ({**plan, "record": {"when": "sometimes"}}, "record.when: want"),
                          ({**plan, "heads": ["nosuch"]}, "trunk|nosuch"),
                          ({**plan, "ranges": [{"f_lo_hz": 1e6, "f_hi_hz": 2e6}]}, "ranges[0]")):
            said = ctl("mission_start", "plan=" + json.dumps(bad))
            assert any(w in said for w in want.split("|")), said
        assert ctl("mission_start", "plan=" + json.dumps(plan)) == {"ok": True, "name": "sweep"}
        assert "runs" in ctl("mission_start", "plan=" + json.dumps(plan))
        wait_for("rounds", lambda: ctl("mission_status")["progress"]["rounds"] >= 3)
        assert ctl("mission_stop") == {"ok": True}
        s = ctl("mission_status")
        p = s["progress"]
        assert (s["state"], p["steps"], p["tune_failures"]) == ("idle", 6, 0) and p["visits"] >= 18, s
        assert all(b["dwell_s"] >= 0.03 and 0 < b["share"] < 1 and b["intercept"]["1ms"] <= b["intercept"]["100ms"] for b in p["bands"]), s
        assert "no mission runs" in ctl("mission_stop")
        assert ctl("tune", "center_freq_hz=110.7e6")["ok"]

        # Lost samples are counted, not hidden.
        lost = metric(d, "g20_samples_lost_total")
        tell("overflows 3\n")
        wait_for("overflows", lambda: metric(d, "g20_overflows_total") >= 3)
        wait_for("what was lost", lambda: metric(d, "g20_samples_lost_total") - lost >= 30000)

        # It vanishes, is said to be gone, and comes back by itself.
        tell("overflows 3\nvanished 1\n")
        wait_for("the failure", lambda: get(d.port, "/health")[0] == 503 and ctl("status")["source"]["state"] == "failed")
        assert "radio" in ctl("status")["source"]["detail"] or "reading failed" in ctl("status")["source"]["detail"], ctl("status")
        assert "no source is running" in ctl("tune", "center_freq_hz=1e8")
        time.sleep(0.5)
        tell("")
        wait_for("its return", lambda: ctl("status")["source"]["state"] == "running")
        wait_for("health", lambda: get(d.port, "/health")[0] == 200)
        tell("stall 1\n")
        wait_for("the stall", lambda: "no samples for" in d.logged())
        tell("")
        wait_for("its return", lambda: ctl("status")["source"]["state"] == "running")
        assert ctl("status")["source"]["restarts"] >= 2
        code, took = d.stop()
        assert code == 0 and took < 5, (code, took)
    finally:
        d.close()


def opened(*sets):
    return Daemon(exe, folder, "source.driver=soapy", "source.args=driver=g20test", "source.sample_rate_hz=2e6",
                  "source.center_freq_hz=100.5e6", "fft.waterfall_nfft=4096", "inference.model=energy",
                  f"paths.capture_dir={folder}/c", *sets, env={"SOAPY_SDR_PLUGIN_PATH": module})


# source.bandwidth_hz and source.antenna reach the radio when it is opened; one that it has not is said to be at fault.
with tempfile.TemporaryDirectory() as folder:
    for sets, width, first in ((["source.bandwidth_hz=20e6", "source.antenna=TX/RX"], 20e6, 10100), ([], None, 100)):
        d = opened(*sets)
        try:
            wait_for("samples", lambda: metric(d, "g20_samples_total") > 0)
            ctl("capture_start", f"session_id=s{first}", f"output_path=s{first}", "max_bytes=40000")
            wait_for("its end", lambda: ctl("capture_list")["captures"][0]["state"] == "done")
            with open(f"{folder}/c/s{first}.sigmf-data", "rb") as f:
                values = {i for i, _ in struct.iter_unpack("<hh", f.read())}
            assert values == {first}, values
            has = ctl("tune", "gain_db=20")["actual_bandwidth_hz"]
            assert width in (has, None), has
            assert d.stop()[0] == 0
        finally:
            d.close()
    for key, bad, says in (("antenna", "FM", "this radio has RX, TX/RX"), ("bandwidth_hz", "7e6", "7000000")):
        d = opened(f"source.{key}={bad}")
        try:
            wait_for("the failure", lambda: ctl("status")["source"]["state"] == "failed")
            detail = ctl("status")["source"]["detail"]
            assert f"source.{key}" in detail and says in detail, detail
            assert get(d.port, "/health")[0] == 503
        finally:
            d.close()
# A radio that chooses its gain by itself: what it says of it then is not the gain.
with tempfile.TemporaryDirectory() as folder:
    d = opened("source.args=driver=g20test,g20:agc=true")
    try:
        wait_for("samples", lambda: metric(d, "g20_samples_total") > 0)
        assert now() == (20e6, None, True), now()
        ctl("tune", "gain_db=20")
        assert now() == (20e6, None, True), now()
        assert d.stop()[0] == 0
    finally:
        d.close()
print("radio: bandwidth and antenna as they were set")
