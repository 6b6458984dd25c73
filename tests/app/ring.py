#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ring of the newest IQ in a running daemon: captures of what is over, cut in time and band; downloads and
cut-outs of them; samples taught by time; a file that survives kill -9.

usage: ring.py PATH_OF_G20 FOLDER_OF_THE_TEST_RADIO      SECONDS=600 for more at 20 MS/s than the usual 5"""
import array
import hashlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time

from client import LIMIT_S, Daemon, Ws, get, wait_for

exe, module = sys.argv[1], sys.argv[2]
RATE = 2e6
FAST = 20e6
SECONDS = float(os.environ.get("SECONDS", "5"))


def begin(folder, *more):
    d = Daemon(exe, folder, "source.driver=scene", f"source.sample_rate_hz={RATE}", "source.center_freq_hz=434e6",
               "fft.waterfall_nfft=4096", f"paths.capture_dir={folder}/captures", "inference.model=energy", *more)
    d.folder = folder
    wait_for("health", lambda: get(d.port, "/health")[0] == 200)
    return d


def ask(d, method, path, body=None, status=200):
    c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=LIMIT_S)
    c.request(method, path, json.dumps(body) if body is not None else None,
              {"Content-Type": "application/json"} if body is not None else {})
    r = c.getresponse()
    data = r.read()
    c.close()
    assert r.status == status, (method, path, r.status, data[:300])
    return json.loads(data) if data[:1] in (b"{", b"[") else data


def ctl(d, *words, code=0):
    r = subprocess.run([exe, "ctl", "--socket", f"{d.folder}/g20.sock", *words], capture_output=True, text=True,
                       timeout=60)
    assert r.returncode == code, (words, r)
    return json.loads(r.stdout) if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def said(ws, request):
    """The answer to a request."""
    ws.send(json.dumps({"id": "x", **request}))
    return json.loads(ws.until(lambda op, data: op == 1 and "id" in json.loads(data)
                               and json.loads(data)["type"] != "emission"))


def complete(d, record):
    """The record of a capture once it is done."""
    wait_for("the capture", lambda: ask(d, "GET", f"/api/captures/{record['id']}")["state"] != "recording")
    return ask(d, "GET", f"/api/captures/{record['id']}")


def loaded(d, record):
    base = f"{d.folder}/captures/{record['path']}"
    with open(base + ".sigmf-meta", encoding="utf-8") as f:
        meta = json.load(f)
    with open(base + ".sigmf-data", "rb") as f:
        data = f.read()
    assert hashlib.sha512(data).hexdigest() == meta["global"]["core:sha512"]
    return meta, data


def power(data, first, last):
    """Mean of |x|^2 over samples of cf32."""
    x = array.array("f")
    x.frombytes(data[8 * first:8 * last])
    return sum(v * v for v in x) / max(1, last - first)


def clear_emission(d):
    """A strong narrow one that has ended, and the time before and after it is quiet in its band."""
    def candidates():
        rows = ask(d, "GET", "/api/emissions?state=closed&min_snr=15&limit=1000&from_us=1000000000000000")["emissions"]
        held = ask(d, "GET", "/api/ring")
        good = []
        for e in rows:
            lo, hi = e["start_us"] - 5e5 * e["duration_s"], e["start_us"] + 1.5e6 * e["duration_s"]
            if not (0.03 < e["duration_s"] < 0.6 and 5e3 < e["f_hi_hz"] - e["f_lo_hz"] < 2e5 and e["duty"] > 0.8
                    and lo > held["from_us"] + 2e6 and hi < held["to_us"]):
                continue
            others = [o for o in rows if o["id"] != e["id"] and o["start_us"] < hi
                      and o["start_us"] + o["duration_s"] * 1e6 > lo
                      and o["f_lo_hz"] < e["f_hi_hz"] + 5e4 and o["f_hi_hz"] > e["f_lo_hz"] - 5e4]
            if not others:
                good.append(e)
        return good
    wait_for("an emission to capture", candidates)
    return candidates()[0]


def boxes(d):
    e = clear_emission(d)
    half, center = 5e5 * e["duration_s"], (e["f_lo_hz"] + e["f_hi_hz"]) / 2
    start = round(e["start_us"] - half)
    request = {"start_us": start, "duration_us": round(4 * half), "center_hz": center,
               "bandwidth_hz": 1.2 * (e["f_hi_hz"] - e["f_lo_hz"]), "emission_id": e["id"]}
    record = ask(d, "POST", "/api/captures", request, 201)
    assert record["origin"] == "box" and record["emission_id"] == e["id"], record
    record = complete(d, record)
    meta, data = loaded(d, record)
    rate = meta["global"]["core:sample_rate"]
    assert record["state"] == "done" and record["sample_rate_hz"] == rate, record
    assert abs(record["start_us"] - start) <= 1 and abs(record["duration_s"] - 4e-6 * half) < 3 / rate, (record, start)
    assert meta["captures"][0]["core:frequency"] == center and len(data) == 8 * record["samples"]
    n = record["samples"]
    inside, outside = power(data, n * 3 // 8, n * 5 // 8), (power(data, 0, n // 5) + power(data, n * 4 // 5, n)) / 2
    assert inside > 4 * outside, f"the signal is not where it was seen: {inside} inside, {outside} outside"
    assert any(abs(a["core:sample_start"] / rate - 1e-6 * half) < 0.002 and a["core:label"] == e["class"]
               for a in meta["annotations"]), meta["annotations"]

    whole = complete(d, ask(d, "POST", "/api/captures", {"start_us": start, "duration_us": 100000}, 201))
    assert whole["samples"] == 0.1 * RATE and whole["bytes"] == 4 * whole["samples"], whole
    return e, record, whole, data


def files(d, record, whole, data):
    path = f"/api/captures/{record['id']}"
    assert ask(d, "GET", path + "/data") == data
    meta = ask(d, "GET", path + "/meta")
    assert meta["global"]["core:datatype"] == "cf32_le"
    status, head, body = get(d.port, path + "/data", "HEAD")
    assert status == 200 and body == b"" and int(head["content-length"]) == len(data), head
    assert record["path"] + ".sigmf-data" in head["content-disposition"], head
    for bad in (path + "/other", path + "/data/x", "/api/captures/..%2f..%2fetc%2fpasswd/data",
                "/api/captures/../../data", "/api/captures/nosuch/data"):
        ask(d, "GET", bad, status=404)
    ask(d, "DELETE", path + "/data", status=405)

    # A part of the whole band's recording, later and narrower.
    cut = complete(d, ask(d, "POST", "/api/captures", {
        "capture_id": whole["id"], "start_us": whole["start_us"] + 20000, "duration_us": 50000,
        "center_hz": 434.3e6, "bandwidth_hz": 2e5}, 201))
    assert cut["state"] == "done" and abs(cut["duration_s"] - 0.05) < 1e-4, cut
    assert cut["start_us"] == whole["start_us"] + 20000 and cut["center_hz"] == 434.3e6, cut
    ask(d, "POST", "/api/captures", {"capture_id": whole["id"], "center_hz": 1e9, "bandwidth_hz": 1e5}, 400)
    ask(d, "POST", "/api/captures", {"capture_id": "nosuch"}, 404)

    base = f"{d.folder}/captures/{cut['path']}"
    assert os.path.exists(base + ".sigmf-data")
    ask(d, "DELETE", f"/api/captures/{cut['id']}", status=204)
    assert not os.path.exists(base + ".sigmf-data") and not os.path.exists(base + ".sigmf-meta")


def refusals(d):
    now = ask(d, "GET", "/api/ring")["to_us"]
    for body, status, says in (
            ({"start_us": now - int(3600e6), "duration_us": 1000}, 410, "not held any more"),
            ({"duration_us": 1000}, 400, "start_us required"),
            ({"start_us": now - 1000000}, 400, "duration_us required"),
            ({"start_us": now - 1000000, "duration_us": 1000, "colour": 1}, 400, "colour"),
            ({"start_us": now - 1000000, "duration_us": -5}, 400, "duration_us"),
            ({"start_us": now - 1000000, "duration_us": 1000, "center_hz": 1e6, "bandwidth_hz": 1e5}, 400, "outside"),
            ({"start_us": now - 1000000, "duration_us": 1000, "center_hz": 434e6}, 400, "bandwidth_hz"),
            ({"start_us": now + int(3600e6), "duration_us": 1000}, 400, "future")):
        assert says in ask(d, "POST", "/api/captures", body, status)["error"], body


def pre_roll(d):
    ctl(d, "capture_start", "session_id=pre", "output_path=pre", "pre_seconds=1")
    r = ctl(d, "capture_stop", "session_id=pre")
    assert r["state"] == "done" and RATE < r["samples"] < 30 * RATE and r["dropped"] == 0, r


def teach(d):
    ws = Ws(d.port, "/ws/training")
    now = ask(d, "GET", "/api/ring")["to_us"]
    request = {"command": "save_sample", "signal_name": "test", "capture": {"start_us": now - 500000,
                                                                           "duration_us": 100000},
               "boxes": [{"x_min": 0.4, "x_max": 0.6, "y_min": 0.1, "y_max": 0.9}]}
    saved = said(ws, request)
    assert saved["type"] == "sample_saved" and saved["is_new"], saved
    assert said(ws, request)["sample_id"] == saved["sample_id"]
    sample = said(ws, {"command": "get_sample", "sample_id": saved["sample_id"]})
    assert sample["samples"] == 0.1 * RATE and sample["center_freq_hz"] == 434e6, sample
    # Boxes in hertz from the centre that the client saw.
    request["boxes"] = [{"f_lo_hz": -1e5, "f_hi_hz": 1e5, "t_start_s": 0.02, "t_stop_s": 0.05}]
    request["metadata"] = {"center_freq_hz": 434.2e6}
    saved = said(ws, request)
    box = said(ws, {"command": "get_sample", "sample_id": saved["sample_id"]})["boxes"][0]
    assert abs(box["x_min"] - 0.55) < 1e-6 and abs(box["x_max"] - 0.65) < 1e-6, box
    for change, says in (({"capture": {"start_us": now - int(3600e6), "duration_us": 1000}}, "not held any more"),
                         ({"capture": {"start_us": now}}, "capture.duration_us required"),
                         ({"capture": 5}, "capture: want"), ({"iq_data": ""}, "iq_data is there too")):
        answer = said(ws, {**request, **change})
        assert answer["type"] == "error" and says in answer["message"], (change, answer)
    # What the ring has no more, a capture on the disk may have.
    return ws


def old_time_from_disk(d, ws, whole):
    wait_for("the ring to move on", lambda: ask(d, "GET", "/api/ring")["from_us"] > whole["start_us"] + 1000000)
    saved = said(ws, {"command": "save_sample", "signal_name": "old",
                    "capture": {"start_us": whole["start_us"] + 10000, "duration_us": 50000},
                    "boxes": [{"x_min": 0.4, "x_max": 0.6, "y_min": 0.1, "y_max": 0.9}]})
    assert saved["type"] == "sample_saved", saved


def status(d):
    ws = Ws(d.port)
    held = said(ws, {"command": "status", "id": 7})["ring"]
    assert held["to_us"] > held["from_us"] > 1e15 and held["bytes"] > 0 and held["file"] == "off", held
    assert held["seconds"] <= 67108864 / 4 / RATE + 0.01 and held["capacity_bytes"] == 67108864, held
    text = get(d.port, "/metrics")[2].decode()
    assert "g20_ring_seconds " in text and "g20_ring_overtaken_total 0" in text


def without(folder):
    d = begin(folder, "storage.ring_bytes=0")
    try:
        assert get(d.port, "/api/ring")[0] == 404
        body = {"start_us": int(time.time() * 1e6) - 1000000, "duration_us": 1000}
        assert "storage.ring_bytes" in ask(d, "POST", "/api/captures", body, 410)["error"]
        assert "storage.ring_bytes" in ctl(d, "capture_start", "session_id=x", "output_path=x", "pre_seconds=1", code=1)
        ctl(d, "capture_start", "session_id=x", "output_path=x")
        wait_for("samples", lambda: ctl(d, "capture_list")["captures"][0]["samples"] > 0)
        assert ctl(d, "capture_stop", "session_id=x")["state"] == "done"
    finally:
        d.close()


def killed(folder):
    """kill -9, and what was received before it can still be captured, also a capture that was open."""
    sets = (f"storage.ring_file={folder}/ring", "storage.ring_file_bytes=268435456")
    d = begin(folder, *sets)
    try:
        wait_for("the file", lambda: ask(d, "GET", "/api/ring")["seconds"] > 4)
        ask(d, "POST", "/api/captures", {"start_us": ask(d, "GET", "/api/ring")["to_us"], "duration_us": 50000000}, 201)
        wait_for("samples", lambda: ctl(d, "capture_list")["captures"][0]["bytes"] > 0)
        before = ask(d, "GET", "/api/ring")
    finally:
        d.close()
    d = begin(folder, *sets)
    try:
        now = ask(d, "GET", "/api/ring")
        assert now["file"] == "ok" and abs(now["from_us"] - before["from_us"]) < 2e6, (before, now)
        record = complete(d, ask(d, "POST", "/api/captures", {"start_us": before["from_us"] + 500000,
                                                              "duration_us": 100000}, 201))
        assert record["state"] == "done" and record["samples"] == 0.1 * RATE, record
        cut = [c for c in ask(d, "GET", "/api/captures")["captures"] if c["id"] != record["id"]]
        assert len(cut) == 1 and cut[0]["state"] == "interrupted" and cut[0]["bytes"] > 0, cut
        loaded(d, cut[0])
    finally:
        d.close()


def counts_on(data):
    """The radio's samples count in Q, modulo 16384."""
    q = array.array("f")
    q.frombytes(data)
    numbers = [round(v * 32768) for v in q[1::2]]
    return all((b - a) % 16384 == 1 for a, b in zip(numbers, numbers[1:]))


def fast(folder):
    """A radio at 20 MS/s in cf32, while it is detected on: more than once round, the ring loses nothing that came."""
    if not os.path.exists(f"{module}/g20_test_radio.so"):
        print("no C++ compiler, so there is no test radio: 20 MS/s not tried")
        return "not tried"
    d = Daemon(exe, folder, "source.driver=soapy", "source.args=driver=g20test,native=CF32,queue_ms=500",
               f"source.sample_rate_hz={FAST}", "source.center_freq_hz=434e6", f"paths.capture_dir={folder}/captures",
               "inference.model=energy", "storage.ring_bytes=536870912", env={"SOAPY_SDR_PLUGIN_PATH": module})
    d.folder = folder
    try:
        def now():
            return {line.split()[0]: float(line.split()[1]) for line in get(d.port, "/metrics")[2].decode().splitlines()
                    if line.startswith(("g20_ring_", "g20_samples_"))}
        wait_for("one way round and more", lambda: now()["g20_samples_total"] > max(SECONDS, 4) * FAST, 3 * SECONDS + 60)
        m = now()
        lost, gone = m["g20_samples_lost_total"], m["g20_ring_samples_lost_total"]
        if lost > FAST / 1000:  # its own thread does not get its time: the machine does too much else to judge the ring
            return f"not judged on a busy machine: the radio itself lost {lost:.0f} of {m['g20_samples_total'] + lost:.0f}"
        assert gone == 0, m
        end = ask(d, "GET", "/api/ring")["to_us"]
        record = complete(d, ask(d, "POST", "/api/captures", {"start_us": end - 500000, "duration_us": 100000}, 201))
        meta, data = loaded(d, record)
        assert record["state"] == "done" and record["sample_rate_hz"] == FAST, record
        assert meta["global"]["core:datatype"] == "cf32_le" and len(data) == 8 * record["samples"], (record, meta)
        assert counts_on(data)
        return f"{m['g20_samples_total'] / 1e6:.0f} M samples, none lost"
    finally:
        d.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = begin(folder)
        try:
            e, record, whole, data = boxes(d)
            files(d, record, whole, data)
            refusals(d)
            pre_roll(d)
            status(d)
            old_time_from_disk(d, teach(d), whole)
            code, took = d.stop()
            assert code == 0 and took < 5, (code, took)
        finally:
            d.close()
    with tempfile.TemporaryDirectory() as folder:
        without(folder)
    with tempfile.TemporaryDirectory() as folder:
        killed(folder)
    with tempfile.TemporaryDirectory() as folder:
        at_speed = fast(folder)
    print(f"ring: all checks passed, {e['class']} of {e['duration_s']:.3f} s captured; at 20 MS/s cf32: {at_speed}")


if __name__ == "__main__":
    main()
