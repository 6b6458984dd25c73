#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""gRPC on a daemon with a radio (the test radio): what it really did, and how many calls it may hold up.

usage: rpc_radio.py PATH_OF_G20 SOURCE_ROOT FOLDER_OF_THE_TEST_RADIO"""
import os
import sys
import tempfile
import time

from client import LIMIT_S, Daemon, wait_for
from rpc import C, H, S, Client, exe, free_port
from security import write

radio = sys.argv[3]
if not os.path.exists(f"{radio}/g20_test_radio.so"):
    print("SKIPPED: no C++ compiler, so there is no test radio")
    sys.exit(77)

LOOK = C.GetChannelStatusRequest()


def with_radio(folder, *sets):
    """A daemon with the test radio, which obeys the file @folder/radio, and a client once that runs."""
    port, control = free_port(), write(f"{folder}/radio", "")
    d = Daemon(exe, folder, "source.driver=soapy", f"source.args=driver=g20test,play=tones,control={control}",
               "source.sample_rate_hz=2e6", "source.center_freq_hz=100.5e6", "fft.waterfall_nfft=4096", "inference.model=energy",
               f"server.grpc_port={port}", *sets, env={"SOAPY_SDR_PLUGIN_PATH": radio, "G20_TEST_RADIO": control})
    c = Client(port)
    wait_for("running", lambda: c.call(c.device.GetChannelStatus, LOOK).state == C.SOURCE_STATE_RUNNING)
    return d, c


def a_radio_says_what_it_did(folder):
    """The reply is what the device does, not an echo; what it cannot do is OUT_OF_RANGE, or FAILED_PRECONDITION."""
    d, c = with_radio(folder)
    control, T = f"{folder}/radio", C.TuneChannelRequest
    try:
        r = c.call(c.device.TuneChannel, T(center_freq_hz=110.7e6, bandwidth_hz=10e6, gain_db=12.4))
        assert r.success and (r.actual_freq_hz, r.actual_bandwidth_hz, r.actual_gain_db) == (110.7e6, 10e6, 12), r
        for code, says, request in (
                (S.OUT_OF_RANGE, "10000000 to 6000000000", T(center_freq_hz=7e9)),
                (S.OUT_OF_RANGE, "10000000 to 6000000000", T(center_freq_hz=1e6)),
                (S.OUT_OF_RANGE, "0 to 60", T(center_freq_hz=110.7e6, gain_db=61)),
                (S.INTERNAL, "no lock", T(center_freq_hz=2.0005e9)),
                (S.OUT_OF_RANGE, "channel_id", T(channel_id=7, center_freq_hz=110.7e6))):
            c.fails(code, says, c.device.TuneChannel, request)
        st = c.call(c.device.GetChannelStatus, LOOK)
        assert st.driver == "soapy" and st.bandwidth_hz == 10e6 and (st.WhichOneof("gain"), st.gain_db, st.agc) == ("gain_db", 12, False), st
        write(control, "vanished 1\n")
        wait_for("the loss", lambda: c.call(c.device.GetChannelStatus, LOOK).state == C.SOURCE_STATE_FAILED)
        c.fails(S.FAILED_PRECONDITION, "no source", c.device.TuneChannel, T(center_freq_hz=1e8))
        assert c.call(c.health.Check, H.HealthCheckRequest(service="g20.v1.DeviceControl")).status == 2
        assert d.stop()[0] == 0
    finally:
        d.close()


def so_many_calls_are_carried_out_at_a_time(folder):
    """server.max_workers: a radio that does not answer holds up each tune for 0.3 s. With one worker a question waits
    for all ten of them, with sixteen for none."""
    for workers in (1, 16):
        d, c = with_radio(folder, f"server.max_workers={workers}")
        try:
            write(f"{folder}/radio", "hang_ms 60000\n")
            start = time.monotonic()
            tunes = [c.device.TuneChannel.future(C.TuneChannelRequest(center_freq_hz=110.7e6), timeout=LIMIT_S) for _ in range(10)]
            c.call(c.device.GetChannelStatus, LOOK)
            took = time.monotonic() - start
            assert took > 2.5 if workers == 1 else took < 2, (workers, took)
            assert {t.code() for t in tunes} <= {S.DEADLINE_EXCEEDED, S.UNAVAILABLE}, [t.code() for t in tunes]
        finally:
            d.close()


def main():
    for test in (a_radio_says_what_it_did, so_many_calls_are_carried_out_at_a_time):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
        print(f"ok {test.__name__}", flush=True)


main()
