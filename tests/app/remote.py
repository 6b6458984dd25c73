#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test radio behind SoapyRemote: SoapySDRServer on loopback, the daemon as its client, by UDP and by TCP.

usage: remote.py PATH_OF_G20 FOLDER_OF_THE_MODULE     skipped (77) without the server or SoapySDR's remote module"""
import glob
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

from client import Daemon, Ws, get, wait_for

exe, module = sys.argv[1], sys.argv[2]
MISSING = [what for what, there in (("the test radio (no C++ compiler)", os.path.exists(f"{module}/g20_test_radio.so")),
                                    ("SoapySDRServer", shutil.which("SoapySDRServer")),
                                    ("SoapySDR's module remote", glob.glob("/usr/lib/*/SoapySDR/modules*/libremoteSupport.so")))
           if not there]
if MISSING:
    print("SKIPPED: not here:", ", ".join(MISSING))
    sys.exit(77)


def metric(d, name):
    return next(float(line.split()[1]) for line in get(d.port, "/metrics")[2].decode().splitlines()
                if line.startswith(name + " "))


class Server:
    """SoapySDRServer with the test radio; on the port of the one before, when that is given."""

    def __init__(self, folder, port=0):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = port or s.getsockname()[1]
        env = {**os.environ, "SOAPY_SDR_PLUGIN_PATH": module, "LD_PRELOAD": f"{module}/no_mdns.so"}
        with open(f"{folder}/server", "wb") as log:
            self.process = subprocess.Popen(["SoapySDRServer", f"--bind=127.0.0.1:{self.port}"], env=env, stdout=log,
                                            stderr=subprocess.STDOUT)
        wait_for("the server", self.is_up)

    def is_up(self):
        assert self.process.poll() is None, "SoapySDRServer ended"
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        self.process.kill()
        self.process.wait()


def run(protocol, folder):
    server = Server(folder)
    args = f"driver=remote,remote=tcp://127.0.0.1:{server.port},remote:driver=g20test,play=tones,stream:remote:prot={protocol}"
    d = Daemon(exe, folder, "source.driver=soapy", "source.args=" + args, "source.sample_rate_hz=1e6",
               "source.center_freq_hz=110.7e6", "fft.waterfall_nfft=4096", "inference.model=energy")
    try:
        wait_for("rows", lambda: metric(d, "g20_rows_total") > 20)
        ws = Ws(d.port)
        r = ws.ask('{"command":"tune","channel_id":0,"center_freq_hz":120.8e6,"gain_db":12,"id":1}')
        assert (r.get("center_freq_hz"), r.get("gain_db")) == (120.8e6, 12), r
        ws.ask('{"command":"set_view","width":256,"format":0,"fps":60}')
        new = ws.until(lambda op, data: op == 2 and data[:4] == b"WF01" and struct.unpack_from("<d", data, 24)[0] == 120.8e6 and
                       struct.unpack_from("<I", data, 40)[0] == 256)
        row = new[-256:]
        at = max(range(256), key=row.__getitem__)
        assert abs(120.8e6 - 0.5e6 + (at + 0.5) * 1e6 / 256 - 121e6) < 1e4, at
        if protocol == "tcp":  # the machine with the radio goes away and comes back
            server.close()
            wait_for("the failure", lambda: get(d.port, "/health")[0] == 503)
            server = Server(folder, server.port)
            wait_for("its return", lambda: get(d.port, "/health")[0] == 200)
        code, took = d.stop()
        assert code == 0 and took < 5, (code, took)
        print(protocol, "works")
    except BaseException:
        print(d.logged()[-3000:])
        raise
    finally:
        d.close()
        server.close()


for name in ("udp", "tcp"):
    with tempfile.TemporaryDirectory() as where:
        run(name, where)
