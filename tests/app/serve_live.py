#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `g20 serve` on a scene and talks to it over raw sockets: every reply, refusal and close.

usage: serve_live.py PATH_OF_G20      standard library only; port 0; bounded in time"""
import json
import os
import socket
import struct
import sys
import tempfile

from client import KEEPS_UP, LIMIT_S, Daemon, Ws, get, wait_for


def error(ws, request, code, text):
    r = ws.ask(request)
    assert (r["type"], r["code"]) == ("error", code) and r["message"].startswith(text), r
    return r


def check_commands(port):
    ws = Ws(port)
    assert ws.status() == 101
    hello = json.loads(ws.until(lambda op, d: op == 1 and json.loads(d)["type"] == "hello"))
    assert hello["version"] and hello["model"]["class_names"] and hello["limits"]["max_width"]
    error(ws, "{bad", "invalid_json", "Invalid JSON: ")
    assert error(ws, '{"command":"fly","id":5}', "unknown_command", "Unknown command: fly")["id"] == 5
    error(ws, "{}", "missing_field", "command required")
    error(ws, '{"command":"tune"}', "missing_field", "channel_id required")
    error(ws, '{"command":"tune","channel_id":0}', "missing_field", "center_freq_hz required")
    error(ws, '{"command":"tune","channel_id":1,"center_freq_hz":1e6}', "out_of_range", "channel_id: 1")
    error(ws, '{"command":"tune","channel_id":0,"center_freq_hz":0}', "out_of_range", "center_freq_hz: 0: want 1 to")
    error(ws, '{"command":"tune","channel_id":0,"gain_db":10}', "not_supported", "gain_db: source scene")
    watcher = Ws(port)
    watcher.until(lambda op, d: op == 2 and d[:4] == b"WF01")
    r = ws.ask('{"command":"tune","channel_id":0,"center_freq_hz":434e6,"id":2}')
    assert r == {"type": "tuned", "channel_id": 0, "center_freq_hz": 434e6, "id": 2}, r
    row = watcher.until(lambda op, d: op == 2 and d[:4] == b"WF01" and d[6] & 2)  # the flag of a retune
    assert struct.unpack_from("<d", row, 24)[0] == 434e6, row[:64]
    watcher.sock.close()
    error(ws, '{"command":"history"}', "missing_field", "from_us required")
    ws.send(b"\1\2\3", 2)
    r = json.loads(ws.until(lambda op, d: op == 1 and json.loads(d)["type"] == "error"))
    assert r["code"] == "invalid_message", r
    assert ws.ask('{"command":"pause"}')["type"] == "paused"
    r = ws.ask('{"command":"set_view","width":333,"fps":60,"format":1,"colormap":"magma","id":"v"}')
    assert (r["type"], r["id"], r["view"]["width"]) == ("view", "v", 333), r
    assert ws.ask('{"command":"resume"}')["type"] == "resumed"
    row = ws.until(lambda op, d: op == 2 and d[:4] == b"WF01" and len(d) == 64 + 333 * 4)
    assert row[46] == 1 and row[47] == 3, row[:64]
    ws.until(lambda op, d: op == 2 and d[:4] == b"DT01")
    ws.send('{"command":"status","id":9}')
    s = ws.reply(9)
    assert s["type"] == "status" and s["stream"]["rate_hz"] == 2e6, s
    # A zoom asks for the same width over fewer hertz and the header says which.
    centre = s["stream"]["center_hz"]
    ws.send(json.dumps({"command": "set_view", "f_lo_hz": centre, "f_hi_hz": centre + 1e5,
                        "width": 64, "format": 0}))
    row = ws.until(lambda op, d: op == 2 and d[:4] == b"WF01" and len(d) == 64 + 64)
    assert struct.unpack_from("<dd", row, 24) == (centre + 5e4, 1e5)


def check_paths_and_refusals(port):
    assert Ws(port, "/nope/").close_code() == (1008, "Unknown path: /nope")
    assert Ws(port, "/ws").close_code() == (1008, "Unknown path: /ws")
    assert Ws(port, "/ws/unified/").status() == 101
    big = Ws(port)
    big.send(b"x" * 70000)
    assert big.close_code()[0] == 1009
    assert Ws(port, header="Origin: http://evil.example\r\n").status() == 403
    assert Ws(port, header=f"Origin: http://127.0.0.1:{port}\r\n").status() == 101


def check_http(port):
    status, headers, body = get(port, "/health")
    assert status == 200 and json.loads(body)["status"] in ("ok", "ok" if KEEPS_UP else "degraded"), body
    status, headers, body = get(port, "/health", "HEAD")
    assert status == 200 and body == b"" and int(headers["content-length"]) > 0
    assert get(port, "/health", "POST")[0] == 405
    assert get(port, "/nothing")[0] == 404
    assert get(port, "/" + "a" * 3000)[0] == 414
    assert get(port, "/ws/pipeline")[0] == 426
    for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2fetc/passwd"):
        status, _, body = get(port, path)
        assert status in (400, 403, 404) and b"root:" not in body, (path, status)
    fft = json.loads(get(port, "/api/capabilities")[2])["fft"]
    assert fft["inference_nfft"] == 4096 and 65536 in fft["waterfall_nfft_options"]
    assert json.loads(get(port, "/api/config")[2])["source.driver"]["value"] == "scene"


def check_slow_beside_fast(port):
    """A client that reads nothing loses its own rows; one that reads gets every one."""
    slow, fast = Ws(port), Ws(port)
    for ws in (slow, fast):
        ws.send('{"command":"set_view","width":8192,"format":1,"fps":60}')
    for _ in range(90):
        fast.until(lambda op, d: op == 2 and d[:4] == b"WF01" and len(d) > 8192 * 4)
    # Not the rows' own flag: it also tells of samples that a slow machine never transformed.
    fast.send('{"command":"status","id":"fast"}')
    status = fast.reply("fast")
    assert status["client"]["rows_sent"] >= 90, status["client"]
    assert status["client"]["rows_dropped"] == 0 or not KEEPS_UP, status["client"]
    garbage = [socket.create_connection(("127.0.0.1", port), LIMIT_S) for _ in range(20)]
    for s in garbage[:10]:
        s.sendall(os.urandom(2000))
    for s in garbage[10:]:
        s.sendall(b"GET / HT")
    assert get(port, "/health")[0] == 200
    return slow, garbage


def main():
    exe = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(exe, folder, "source.driver=scene", "source.sample_rate_hz=2e6",
                   "fft.waterfall_nfft=4096")
        try:
            wait_for("health", lambda: get(d.port, "/health")[0] == 200)
            check_http(d.port)
            check_commands(d.port)
            check_paths_and_refusals(d.port)
            stay = check_slow_beside_fast(d.port)
            watcher = Ws(d.port)
            code, took = d.stop()
            assert watcher.close_code()[0] == 1001
            assert code == 0 and took < 5, (code, took)
            assert not os.path.exists(d.ports)
            del stay
        finally:
            d.close()
    with tempfile.TemporaryDirectory() as folder:
        d = Daemon(exe, folder, "source.driver=file", f"source.args={folder}/missing.sigmf-meta")
        try:
            wait_for("503", lambda: get(d.port, "/health")[0] == 503 and
                     b"missing" in get(d.port, "/health")[2])
            assert d.stop()[0] == 0
        finally:
            d.close()
    print("serve_live: all checks passed")


if __name__ == "__main__":
    main()
