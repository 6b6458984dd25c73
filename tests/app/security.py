#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens and TLS of HTTP and WebSocket, and what keeps the daemon from starting (docs/security.md).

usage: security.py PATH_OF_G20      certificates are made by openssl"""
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

from client import LIMIT_S, Daemon, Ws, get, wait_for

SCENE = ("source.driver=scene", "source.sample_rate_hz=2e6", "fft.waterfall_nfft=4096")
READ, CONTROL = "read-0123456789abcdef", "control~0123456789.AB+_"


def write(path, text, mode=0o600):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def certificate(folder, name):
    cert, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def refused(exe, folder, says, *sets):
    """serve does not start with @sets and says why."""
    sets = ("server.ws_port=0", "server.grpc_port=0", f"paths.runtime_dir={folder}/none", *SCENE, *sets)
    r = subprocess.run([exe, "serve", *(a for s in sets for a in ("--set", s))], capture_output=True, text=True,
                       timeout=LIMIT_S, env={**os.environ, "XDG_CACHE_HOME": folder, "XDG_DATA_HOME": folder})
    assert r.returncode in (1, 2) and says in r.stderr, (says, r)
    assert not os.path.exists(f"{folder}/none/ports.json")


def check_http(port):
    for headers, want in (({}, 401), (bearer("x" * 20), 401), (bearer(READ), 200), (bearer(CONTROL), 200),
                          ({"Authorization": "Basic " + READ}, 401), ({"Authorization": "bearer " + READ}, 200)):
        for path in ("/metrics", "/api/config", "/api/capabilities", "/api/models"):
            status, answer, _ = get(port, path, headers=headers)
            assert status == want, (path, headers, status)
            if want == 401:
                assert answer["www-authenticate"].startswith('Bearer realm="g20"'), answer
    assert 'error="invalid_token"' in get(port, "/metrics", headers=bearer("x" * 20))[1]["www-authenticate"]
    # What changes something wants control; a path that is not there tells strangers nothing.
    status, answer, _ = get(port, "/api/config", "POST", bearer(READ))
    assert status == 403 and 'error="insufficient_scope"' in answer["www-authenticate"], (status, answer)
    assert get(port, "/api/config", "POST", bearer(CONTROL))[0] == 405
    assert get(port, "/nothing")[0] == 401 and get(port, "/nothing", headers=bearer(READ))[0] == 404
    assert get(port, "/metrics?token=" + READ)[0] == 401  # no tokens in addresses that get logged
    # Probes learn how it is, not why.
    wait_for("health", lambda: get(port, "/health")[0] == 200)
    assert json.loads(get(port, "/health")[2]) in ({"status": "ok"}, {"status": "degraded"})
    assert "parts" in json.loads(get(port, "/health", headers=bearer(READ))[2])
    assert get(port, "/")[0] in (200, 503)  # the page (not built: 503) is for everybody


def check_websocket(port):
    for header in ("", "Authorization: Bearer " + "x" * 20 + "\r\n", "Sec-WebSocket-Protocol: g20\r\n",
                   "Sec-WebSocket-Protocol: g20, bearer." + "x" * 20 + "\r\n"):
        ws = Ws(port, header=header)
        assert ws.status() == 401 and b"www-authenticate" in ws.head.lower(), (header, ws.head)
    assert Ws(port, "/ws/pipeline?token=" + READ).status() == 401
    tune = '{"command":"tune","channel_id":0,"center_freq_hz":1e8}'
    for token, want in ((READ, "error"), (CONTROL, "tuned")):
        for header in (f"Authorization: Bearer {token}\r\n", f"Sec-WebSocket-Protocol: g20, bearer.{token}\r\n"):
            ws = Ws(port, header=header)
            assert ws.status() == 101, ws.head
            if "Protocol" in header:
                assert b"sec-websocket-protocol: g20\r\n" in ws.head.lower() and token.encode() not in ws.head
            ws.ask('{"command":"pause"}')
            ws.send(tune)
            r = json.loads(ws.until(lambda op, d: op == 1 and json.loads(d)["type"] in ("error", "tuned")))
            assert r["type"] == want and (want == "tuned" or r["code"] == "forbidden"), r


def tokens_are_wanted_everywhere(exe, folder):
    path = write(f"{folder}/tokens", f"# two\nread {READ}\ncontrol {CONTROL}\n")
    d = Daemon(exe, folder, *SCENE, f"server.auth_token_file={path}")
    try:
        check_http(d.port)
        check_websocket(d.port)
        metrics = get(d.port, "/metrics", headers=bearer(READ))[2].decode()
        assert float(metrics.split("\ng20_unauthorized_total ")[1].split()[0]) >= 20, metrics
        log = d.logged()
        assert log.count("without a token") == 1, "one line, however many refusals"
        assert READ not in log and CONTROL not in log

        def hangup(says):
            d.process.send_signal(signal.SIGHUP)
            wait_for(says, lambda: says in d.logged())
        write(path, "read nonsense")
        hangup("tokens stay as they were")
        assert get(d.port, "/metrics", headers=bearer(READ))[0] == 200
        write(path, "read another-0123456789abcd")
        hangup("tokens read again")
        assert get(d.port, "/metrics", headers=bearer(READ))[0] == 401
        assert get(d.port, "/metrics", headers=bearer("another-0123456789abcd"))[0] == 200
        assert d.stop()[0] == 0
    finally:
        d.close()


def other_machines_need_tokens(exe, folder):
    refused(exe, folder, "needs server.auth_token_file", "server.bind=0.0.0.0")
    path = write(f"{folder}/tokens", f"read {READ}\n")
    d = Daemon(exe, folder, *SCENE, "server.bind=0.0.0.0", f"server.auth_token_file={path}")
    try:
        assert "there is no TLS" in d.logged()
        assert get(d.port, "/metrics")[0] == 401
        assert d.stop()[0] == 0
    finally:
        d.close()
    refused(exe, folder, "chmod 600", f"server.auth_token_file={write(path, f'read {READ}', 0o644)}")
    refused(exe, folder, "tokens:1: want 'read TOKEN'", f"server.auth_token_file={write(path, 'guest x')}")
    refused(exe, folder, "none", f"server.auth_token_file={folder}/none")


def everything_is_encrypted(exe, folder):
    cert, key = certificate(folder, "own")
    d = Daemon(exe, folder, *SCENE, f"server.tls_cert={cert}", f"server.tls_key={key}")
    try:
        trust = ssl.create_default_context(cafile=cert)
        assert json.loads(get(d.port, "/health", tls=trust)[2])["version"]
        assert "https://127.0.0.1:" in d.logged() and "there is no TLS" not in d.logged()
        ws = Ws(d.port, tls=trust)
        assert ws.status() == 101 and json.loads(ws.until(lambda op, _: op == 1))["type"] == "hello"
        ws.until(lambda op, data: op == 2 and data[:4] == b"WF01")
        old = ssl.create_default_context(cafile=cert)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        for bad in (old, ssl.create_default_context()):  # an old version; a client that does not know us
            try:
                get(d.port, "/health", tls=bad)
                raise AssertionError("a connection that should not be")
            except ssl.SSLError:
                pass
        plain = socket.create_connection(("127.0.0.1", d.port), LIMIT_S)
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert b"200" not in plain.recv(100)
        except ConnectionResetError:
            pass
        half = socket.create_connection(("127.0.0.1", d.port), LIMIT_S)  # never says hello
        assert get(d.port, "/health", tls=trust)[0] in (200, 503)
        half.close()
        assert d.stop()[0] == 0
    finally:
        d.close()


def what_is_wrong_with_a_certificate_is_said(exe, folder):
    cert, key = certificate(folder, "own")
    _, other = certificate(folder, "other")
    locked = os.path.join(folder, "locked.key")
    subprocess.run(["openssl", "ec", "-in", key, "-out", locked, "-aes128", "-passout", "pass:secret"], check=True,
                   capture_output=True)
    old = os.path.join(folder, "old.pem")
    subprocess.run(["openssl", "x509", "-in", cert, "-signkey", key, "-days", "-1", "-out", old], check=True,
                   capture_output=True)
    junk = write(f"{folder}/junk", "no PEM\n")
    with open(cert, encoding="utf-8") as f:
        cut = write(f"{folder}/cut", f.read() + "-----BEGIN CERTIFICATE-----\nAAAA\n")
    for c, k, says in ((cert, "", "server.tls_key is not"), ("", key, "server.tls_cert is not"),
                       (f"{folder}/none", key, "server.tls_cert: "), (cert, f"{folder}/none", "server.tls_key: "),
                       (junk, key, "no certificate in PEM form"), (cert, junk, "no private key in PEM form"),
                       (cut, key, "a later certificate"), (cert, locked, "without a password"),
                       (cert, other, "is not the key of"), (old, key, "has expired")):
        refused(exe, folder, says, f"server.tls_cert={c}", f"server.tls_key={k}")


def main():
    for test in (tokens_are_wanted_everywhere, other_machines_need_tokens, everything_is_encrypted,
                 what_is_wrong_with_a_certificate_is_said):
        with tempfile.TemporaryDirectory() as folder:
            test(sys.argv[1], folder)
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()
