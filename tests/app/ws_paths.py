#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WebSocket paths beside /ws/pipeline, over raw sockets: what they send, take and refuse.

usage: ws_paths.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import json
import struct
import sys
import tempfile

from client import KEEPS_UP, Daemon, Ws, get, wait_for


def text(wanted):
    return lambda op, d: op == 1 and wanted(json.loads(d))


def check_inference(port):
    ws = Ws(port, "/ws/inference")
    m = json.loads(ws.until(text(lambda o: o["type"] == "detections" and o["boxes"])))
    assert m["timestamp_us"] > 0 and m["frame_idx"] >= 0 and m["span_hz"] == 2e6, m
    for x1, y1, x2, y2, confidence, name in m["boxes"]:
        assert 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1 and 0 <= confidence <= 1, m
        assert isinstance(name, str) and name, m
    # The same tile in both forms holds the same boxes.
    both = Ws(port, "/ws/inference?format=bin"), Ws(port, "/ws/inference/?form%61t=json")
    first = both[0].until(lambda op, d: op == 2 and struct.unpack_from("<I", d, 40)[0] > 0)
    assert first[:4] == b"DT01"
    time_us, index = struct.unpack_from("<QI", first, 4)
    seen = {}
    def same(o):
        if o["type"] == "detections":
            seen[o["frame_idx"]] = o
        return index in seen or (seen and min(seen) > index)
    both[1].until(text(same))
    while index not in seen:  # the second joined later: take a newer tile
        first = both[0].until(lambda op, d: op == 2 and struct.unpack_from("<I", d, 40)[0] > 0)
        time_us, index = struct.unpack_from("<QI", first, 4)
        both[1].until(text(same))
    boxes = seen[index]["boxes"]
    assert seen[index]["timestamp_us"] == time_us
    assert struct.unpack_from("<I", first, 40)[0] == len(boxes)
    for i, b in enumerate(boxes):
        there = struct.unpack_from("<4fif", first, 44 + 24 * i)
        assert all(abs(p - q) < 1e-6 for p, q in zip(there[:4] + there[5:], b[:5])), (there, b)
    # Emissions come on both, and open before they close.
    for ws in both:
        e = json.loads(ws.until(text(lambda o: o["type"] == "emission")))
        assert e["event"] in ("open", "update", "close") and e["id"] > 0, e
    both[0].send('{"command":"fly","id":3}')
    r = json.loads(both[0].until(text(lambda o: o["type"] == "error")))
    assert (r["code"], r["message"], r["id"]) == ("unknown_command", "Unknown command: fly", 3), r
    both[1].send('{"command":"status","id":4}')
    r = both[1].reply(4)
    assert r["type"] == "status" and r["client"]["events_dropped"] >= 0, r


def check_history(port):
    """What was live comes back: the same rows, at the same times, brighter nowhere than live."""
    ws = Ws(port)
    ws.send('{"command":"set_view","width":64,"db_min":-140,"db_max":0,"fps":60,"id":"v"}')
    ws.reply("v")
    live = [ws.until(lambda op, d: op == 2 and d[:4] == b"WF01" and len(d) == 64 + 64)
            for _ in range(40)]
    times = [struct.unpack_from("<Q", d, 8)[0] for d in live]
    period_us = int(struct.unpack_from("<f", live[0], 60)[0] * 1e6)
    def history(request):
        ws.send(json.dumps({"command": "history", "id": "h", **request}))
        rows, end = [], {}
        def take(op, d):
            if op == 2 and d[:4] == b"WF01" and struct.unpack_from("<H", d, 6)[0] & 4:
                n, at = struct.unpack_from("<H", d, 44)[0], struct.unpack_from("<Q", d, 8)[0]
                step = struct.unpack_from("<f", d, 60)[0] * 1e6
                assert len(d) == 64 + 64 * n
                rows.extend((at + i * step, d[64 + 64 * i:128 + 64 * i]) for i in range(n))
            elif op == 1 and json.loads(d).get("id") == "h":
                end.update(json.loads(d))
            return bool(end)
        ws.until(take)
        return rows, end
    span = times[-1] - times[0]
    rows, end = history({"from_us": times[0], "to_us": times[-1] + period_us,
                         "rows": round(span / period_us) + 1})
    assert end["type"] == "history" and end["rows"] == len(rows) >= 30 and not end["cancelled"], end
    alike = compared = 0
    for at, row in rows:
        near = min(range(len(times)), key=lambda i: abs(times[i] - at))
        if abs(times[near] - at) < period_us / 4:
            was = live[near][64:]
            # Its rows begin elsewhere: a burst that begins in one live row may be in its neighbour's, which
            # nobody saw before the first, after the last and where a daemon that is late left rows out.
            around = live[max(near - 1, 0):near + 2]
            seen = len(around) == 3 and times[near + 1] - times[near - 1] < 3 * period_us
            # What is kept is coarser in frequency: a line on the border of two pixels may change sides.
            # A daemon that is late folds live rows, which can only be brighter then.
            about = [max(pixels) for pixels in zip(*(r[64:] for r in around))]
            compared += seen
            for i in range(64 if seen else 0):
                assert row[i] < max(100, *about[max(i - 1, 0):i + 2]) + 12, (i, was, row)
            alike += sum(abs(p - q) < 12 for p, q in zip(was, row)) > 48
    assert alike > 0 and (compared > 0 or not KEEPS_UP), (times, [at for at, _ in rows])
    few, end = history({"from_us": times[0], "to_us": times[-1], "rows": 5})
    assert 1 <= len(few) <= 6 and end["rows"] == len(few), end
    none, end = history({"from_us": 1, "to_us": 2, "rows": 5})
    assert none == [] and end["rows"] == 0 and 0 < end["oldest_us"] <= times[0], end
    assert history({"from_us": 2, "to_us": 1, "rows": 5})[1]["code"] == "invalid_field"


def check_refusals(port):
    for path, why in (("/ws/inference?format=xml", "format: want json or bin"),
                      ("/ws/inference?fps=3", "fps: unknown parameter"),
                      ("/ws/inference?format=bin&format=bin", "format: given twice"),
                      ("/ws/inference?format", "query: want name=value"),
                      ("/ws/training?x=1", "x: unknown parameter"),
                      ("/ws/nothing?x=1", "Unknown path: /ws/nothing")):
        assert Ws(port, path).close_code() == (1008, why), path
    for path in ("/ws/inference", "/ws/training", "/ws/iq", "/ws/video"):
        assert Ws(port, path, "Origin: http://evil.example\r\n").status() == 403
        assert get(port, path)[0] == 426
    for path in ("/ws/inference", "/ws/video"):
        ws = Ws(port, path)
        ws.send(b"x" * 70000)
        assert ws.close_code()[0] == 1009


def main():
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(sys.argv[1], folder, "source.driver=scene", "source.sample_rate_hz=2e6",
                   "fft.waterfall_nfft=4096")
        try:
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            check_inference(d.port)
            check_history(d.port)
            check_refusals(d.port)
            assert d.stop()[0] == 0
        finally:
            d.close()
    print("ws_paths: all checks passed")


if __name__ == "__main__":
    main()
