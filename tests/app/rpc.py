#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""gRPC by stock clients: Python with stubs made here from proto/, and @grpc/grpc-js (rpc_client.cjs).

usage: rpc.py PATH_OF_G20 SOURCE_ROOT"""
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import grpc

from client import KEEPS_UP, LIMIT_S, Daemon, get, wait_for
from security import CONTROL, READ, SCENE, certificate, refused, write

exe, root = sys.argv[1], os.path.abspath(sys.argv[2])
DESCRIPTORS = "/usr/share/grpc-proto"
stubs = tempfile.TemporaryDirectory()
for folder, names in ((f"{root}/proto", ["control.proto", "inference.proto"]),
                      (DESCRIPTORS, ["grpc/health/v1/health.proto", "grpc/reflection/v1alpha/reflection.proto"])):
    flat = [n if folder != DESCRIPTORS else n for n in names]
    subprocess.run(["protoc", f"-I{folder}", f"--python_out={stubs.name}", f"--grpc_python_out={stubs.name}",
                    f"--plugin=protoc-gen-grpc_python={shutil.which('grpc_python_plugin')}", *flat], check=True)
# The package grpc is the library: the standard services' stubs go in beside it under names of their own.
for path in glob.glob(f"{stubs.name}/grpc/**/*_pb2*.py", recursive=True):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for old in ("from grpc.health.v1 import", "from grpc.reflection.v1alpha import"):
        text = text.replace(old, "import")
    with open(os.path.join(stubs.name, os.path.basename(path)), "w", encoding="utf-8") as f:
        f.write(text)
shutil.rmtree(f"{stubs.name}/grpc")
sys.path.insert(0, stubs.name)
import control_pb2 as C  # noqa: E402
import control_pb2_grpc as CG  # noqa: E402
import health_pb2 as H  # noqa: E402
import health_pb2_grpc as HG  # noqa: E402
import inference_pb2 as I  # noqa: E402
import inference_pb2_grpc as IG  # noqa: E402
import reflection_pb2 as R  # noqa: E402
import reflection_pb2_grpc as RG  # noqa: E402

S = grpc.StatusCode


def every_field_of_proto_is_explained():
    """And every call: a comment right above it."""
    for name in ("control", "inference"):
        with open(f"{root}/proto/{name}.proto", encoding="utf-8") as f:
            lines = [line.strip() for line in f]
        for above, line in zip(lines, lines[1:]):
            if re.match(r"(repeated )?[\w.]+ \w+ = \d+;|rpc ", line):
                assert above.startswith("//"), (name, line)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Client:
    def __init__(self, port, token=None, cert=None, options=()):
        options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1), *options]
        if cert:
            with open(cert, "rb") as f:
                self.channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(f.read()), options)
        else:
            self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options)
        self.meta = [("authorization", f"Bearer {token}")] if token else []
        self.device, self.inference = CG.DeviceControlStub(self.channel), IG.InferenceStub(self.channel)
        self.health, self.reflection = HG.HealthStub(self.channel), RG.ServerReflectionStub(self.channel)

    def call(self, method, request, timeout=LIMIT_S):
        return method(request, timeout=timeout, metadata=self.meta)

    def fails(self, code, says, method, request, timeout=LIMIT_S):
        try:
            answer = self.call(method, request, timeout)
            if hasattr(answer, "__next__"):
                answer = next(answer)
        except grpc.RpcError as e:
            assert e.code() == code and says in e.details(), (code, says, e.code(), e.details())
            return
        raise AssertionError(f"{code} did not come but {answer}")


def start(folder, *sets, env=None):
    port = free_port()
    d = Daemon(exe, folder, *SCENE, *sets, f"server.grpc_port={port}", env=env)
    with open(d.ports, encoding="utf-8") as f:
        assert json.load(f)["grpc"] == port
    d.grpc = port
    return d


def check_device(c):
    tuned = c.call(c.device.TuneChannel, C.TuneChannelRequest(center_freq_hz=434.1e6))
    assert tuned.success and tuned.actual_freq_hz == 434.1e6 and tuned.actual_bandwidth_hz == 2e6, tuned
    assert tuned.WhichOneof("gain") is None
    nan, inf = float("nan"), float("inf")
    T, G = C.TuneChannelRequest, c.device
    for code, says, method, request in (
            (S.INVALID_ARGUMENT, "center_freq_hz: it is missing", G.TuneChannel, T()),
            (S.INVALID_ARGUMENT, "center_freq_hz: ", G.TuneChannel, T(center_freq_hz=nan)),
            (S.INVALID_ARGUMENT, "bandwidth_hz: ", G.TuneChannel, T(center_freq_hz=1e8, bandwidth_hz=inf)),
            (S.INVALID_ARGUMENT, "gain_db: ", G.TuneChannel, T(center_freq_hz=1e8, gain_db=-inf)),
            (S.INVALID_ARGUMENT, "channel_id: ", G.TuneChannel, T(center_freq_hz=1e8, channel_id=999)),
            (S.FAILED_PRECONDITION, "", G.TuneChannel, T(gain_db=3)),
            (S.INVALID_ARGUMENT, "channel_id: ", G.GetChannelStatus, C.GetChannelStatusRequest(channel_id=9)),
            (S.INVALID_ARGUMENT, "output_path: ", G.StartCapture, C.StartCaptureRequest(output_path="../x")),
            (S.INVALID_ARGUMENT, "output_path: ", G.StartCapture, C.StartCaptureRequest(output_path="/tmp/x")),
            (S.INVALID_ARGUMENT, "session_id: ", G.StopCapture, C.StopCaptureRequest())):
        c.fails(code, says, method, request)
    wait_for("the new centre", lambda: c.call(
        c.device.GetChannelStatus, C.GetChannelStatusRequest()).center_freq_hz == 434.1e6)
    st = c.call(c.device.GetChannelStatus, C.GetChannelStatusRequest())
    assert st.state == C.SOURCE_STATE_RUNNING and st.driver == "scene" and st.sample_rate_hz == 2e6, st
    devices = c.call(c.device.ListDevices, C.ListDevicesRequest()).devices
    assert len([d for d in devices if d.is_open]) == 1 and devices[0].driver == "scene", devices  # others may be plugged in


def check_captures(c, folder):
    start, stop = C.StartCaptureRequest, C.StopCaptureRequest
    assert c.call(c.device.StartCapture, start(session_id="a", output_path="x/one")).session_id == "a"
    c.fails(S.ALREADY_EXISTS, "a", c.device.StartCapture, start(session_id="a", output_path="x/two"))
    named = c.call(c.device.StartCapture, start(duration_s=0.2)).session_id
    part = c.call(c.device.StartCapture, start(session_id="p", bandwidth_hz=2e5))
    assert part.success and named.startswith("capture-")
    c.fails(S.NOT_FOUND, "none", c.device.StopCapture, stop(session_id="none"))
    time.sleep(0.5)
    for session in ("a", named, "p"):
        done = c.call(c.device.StopCapture, stop(session_id=session))
        assert done.success and done.session_id == session and done.samples > 1000, done
        assert done.dropped == 0 or not KEEPS_UP, done
        assert done.bytes >= 4 * done.samples
        c.fails(S.NOT_FOUND, session, c.device.StopCapture, stop(session_id=session))
    metas = glob.glob(f"{folder}/captures/**/*.sigmf-meta", recursive=True)
    assert {os.path.basename(m) for m in metas} == {"one.sigmf-meta", f"{named}.sigmf-meta", "p.sigmf-meta"}, metas


def check_models(c):
    models = {m.name: m for m in c.call(c.inference.ListModels, I.ListModelsRequest()).models}
    assert models["energy"].kind == I.MODEL_KIND_DETECTOR and models["hydra"].loaded, models
    L, U, N = I.LoadModelRequest, I.UnloadModelRequest, c.inference
    for code, says, method, request in (
            (S.INVALID_ARGUMENT, "name: it is missing", N.LoadModel, L()),
            (S.INVALID_ARGUMENT, "name: ", N.LoadModel, L(name="../../etc/passwd")),
            (S.NOT_FOUND, "none", N.LoadModel, L(name="none")),
            (S.FAILED_PRECONDITION, "is a detector", N.LoadModel, L(name="hydra")),
            (S.NOT_FOUND, "no head", N.UnloadModel, U(name="none")),
            (S.INVALID_ARGUMENT, "name: it is missing", N.UnloadModel, U())):
        c.fails(code, says, method, request)
    caps = c.call(c.inference.GetCapabilities, I.GetCapabilitiesRequest())
    assert json.loads(caps.json)["fft"]["inference_nfft"] == 4096 and list(caps.providers) == ["cpu"], caps
    assert "energy" in caps.models and len(caps.class_names) > 0 and caps.version == json.loads(caps.json)["version"]


def check_health_and_reflection(c):
    wait_for("health", lambda: c.call(c.health.Check, H.HealthCheckRequest()).status == 1)
    for name in ("g20.v1.DeviceControl", "g20.v1.Inference"):
        assert c.call(c.health.Check, H.HealthCheckRequest(service=name)).status == 1
    c.fails(S.NOT_FOUND, "no g20.Nothing", c.health.Check, H.HealthCheckRequest(service="g20.Nothing"))
    watch = c.call(c.health.Watch, H.HealthCheckRequest(service="g20.v1.Inference"))
    assert next(watch).status == 1
    watch.cancel()
    unknown = c.call(c.health.Watch, H.HealthCheckRequest(service="x"))
    assert next(unknown).status == H.HealthCheckResponse.SERVICE_UNKNOWN
    unknown.cancel()
    Q = R.ServerReflectionRequest
    answers = list(c.reflection.ServerReflectionInfo(iter([
        Q(list_services=""), Q(file_by_filename="control.proto"), Q(file_containing_symbol="g20.v1.Box"),
        Q(file_containing_symbol="g20.v1.Inference.LoadModel"), Q(file_containing_symbol="nothing"),
        Q(all_extension_numbers_of_type="x")]), timeout=LIMIT_S, metadata=c.meta))
    names = {s.name for s in answers[0].list_services_response.service}
    assert names == {"g20.v1.DeviceControl", "g20.v1.Inference", "grpc.health.v1.Health",
                     "grpc.reflection.v1alpha.ServerReflection"}, names
    for a, want in ((answers[1], b"TuneChannel"), (answers[2], b"StreamDetections"), (answers[3], b"LoadModel")):
        assert want in a.file_descriptor_response.file_descriptor_proto[0]
    assert answers[4].error_response.error_code == 5 and answers[5].error_response.error_code == 5


def check_streams(d, c):
    seen = [m for _, m in zip(range(4), c.call(c.inference.StreamDetections, I.StreamDetectionsRequest()))]
    tiles = [m.tile for m in seen]
    assert all(m.WhichOneof("what") == "tile" for m in seen), seen
    assert not any(m.dropped for m in seen) or not KEEPS_UP, seen
    first = tiles[0].frame_idx - seen[0].dropped  # what is missing is told
    assert all(abs(m.tile.frame_idx - first - i - m.dropped) <= (0 if KEEPS_UP else 2) for i, m in enumerate(seen)), seen
    assert all(t.span_hz == 2e6 and t.duration_s > 0 and t.timestamp_us > 1e15 for t in tiles)
    boxed = next(iter(c.call(c.inference.StreamDetections, I.StreamDetectionsRequest(skip_empty=True))))
    box = boxed.tile.boxes[0]
    assert 0 <= box.x1 < box.x2 <= 1 and 0 <= box.y1 < box.y2 <= 1 and 0 < box.confidence <= 1, box
    lo = boxed.tile.center_hz - boxed.tile.span_hz / 2
    assert abs(lo + box.x1 * boxed.tile.span_hz - box.f_lo_hz) < 1e3
    em = next(iter(c.call(c.inference.StreamDetections, I.StreamDetectionsRequest(emissions=True, no_tiles=True))))
    assert em.emission.id > 0 and em.emission.f_hi_hz > em.emission.f_lo_hz and em.emission.model, em
    c.fails(S.INVALID_ARGUMENT, "min_confidence", c.inference.StreamDetections,
            I.StreamDetectionsRequest(min_confidence=2))
    # The client's deadline ends a stream; a cancelled one frees its place.
    try:
        list(c.call(c.inference.StreamDetections, I.StreamDetectionsRequest(), timeout=0.5))
        raise AssertionError("a stream without an end")
    except grpc.RpcError as e:
        assert e.code() == S.DEADLINE_EXCEEDED, e
    for _ in range(40):
        stream = c.call(c.inference.StreamDetections, I.StreamDetectionsRequest())
        stream.initial_metadata()
        stream.cancel()


def a_stalled_stream_loses_its_own(folder):
    """A client that reads nothing loses its own tiles and is told how many; one that reads goes on."""
    path = f"{folder}/noise.iq"
    with open(path, "wb") as f:
        f.write(os.urandom(1 << 22))
    port = free_port()
    d = Daemon(exe, folder, "source.driver=file", f"source.args={path},format=ci16_le,rate=2e6",
               "source.realtime=false", "inference.model=energy", "fft.waterfall_nfft=4096", f"server.grpc_port={port}")
    try:
        slow, fast = Client(port, options=[("grpc.http2.lookahead_bytes", 1024), ("grpc.http2.bdp_probe", 0)]), Client(port)
        stalled = slow.call(slow.inference.StreamDetections, I.StreamDetectionsRequest(), timeout=280)
        first = next(stalled).tile.frame_idx
        stream, got = fast.call(fast.inference.StreamDetections, I.StreamDetectionsRequest(), timeout=280), 0
        for m in stream:
            got += 1
            if m.tile.frame_idx > first + 150:
                break
        stream.cancel()
        seen = 1
        for m in stalled:  # what waited, then what is left after what was lost
            seen += 1
            if m.tile.frame_idx > first + 150:
                break
        assert m.dropped > 20 and got > seen, (seen, m.dropped, got)
        assert abs(seen + m.dropped - (m.tile.frame_idx - first + 1)) <= 2, (seen, m, first)
        assert d.stop()[0] == 0
    finally:
        d.close()


def check_limits(port):
    c = Client(port)
    streams = [c.call(c.inference.StreamDetections, I.StreamDetectionsRequest()) for _ in range(16)]
    for s in streams:
        s.initial_metadata()
    codes = []
    for _ in range(3):
        try:
            next(c.call(c.inference.StreamDetections, I.StreamDetectionsRequest()))
        except grpc.RpcError as e:
            codes.append(e.code())
    assert codes and set(codes) == {S.RESOURCE_EXHAUSTED}, codes
    for s in streams:
        s.cancel()
    big = c.channel.unary_unary("/g20.v1.Inference/LoadModel", None, None)
    try:
        big(b"\x0a\x80\x80\x08" + b"a" * 131072, timeout=LIMIT_S)
        raise AssertionError("an oversized message was taken")
    except grpc.RpcError as e:
        assert e.code() == S.RESOURCE_EXHAUSTED, e
    for data in (b"\xff" * 20, b"\x0a\x7f"):
        try:
            big(data, timeout=LIMIT_S)
        except grpc.RpcError as e:
            assert e.code() == S.INVALID_ARGUMENT and "LoadModelRequest" in e.details(), e
    for path in ("/g20.v1.Inference/Fly", "/nothing"):
        try:
            c.channel.unary_unary(path, None, None)(b"", timeout=LIMIT_S)
        except grpc.RpcError as e:
            assert e.code() == S.UNIMPLEMENTED, e
    wait_for("room", lambda: next(c.call(c.inference.StreamDetections, I.StreamDetectionsRequest())) is not None)


def check_garbage(d):
    """Whatever comes to the port, others are served."""
    socks = [socket.create_connection(("127.0.0.1", d.grpc), LIMIT_S) for _ in range(30)]
    for i, s in enumerate(socks[:20]):
        s.sendall((b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" if i % 2 else b"") + os.urandom(3000))
    c = Client(d.grpc)
    assert c.call(c.health.Check, H.HealthCheckRequest()).status == 1
    for s in socks:
        s.close()
    assert d.process.poll() is None


def check_connections(d):
    """More of them than there may be: those that came first are served, the others are closed."""
    first = Client(d.grpc)
    assert first.call(first.health.Check, H.HealthCheckRequest()).status == 1
    socks = []
    for _ in range(150):  # 2 x limits.clients + 64 = 80 may be
        try:
            socks.append(socket.create_connection(("127.0.0.1", d.grpc), LIMIT_S))
        except OSError:
            pass  # closed while it came: just as well

    def alive():
        n = 0
        for s in socks:
            s.setblocking(False)
            try:
                while s.recv(65536):  # gRPC's greeting
                    pass
            except BlockingIOError:
                n += 1
            except OSError:
                pass
        return n
    wait_for("the end of some", lambda: alive() <= 80)
    assert first.call(first.health.Check, H.HealthCheckRequest()).status == 1
    for s in socks:
        s.close()
    wait_for("room", lambda: metric(d, "g20_grpc_connections") < 20)
    assert metric(d, "g20_grpc_connections_closed_total") >= 60
    assert "too many connections" in d.logged()
    again = Client(d.grpc)
    assert again.call(again.health.Check, H.HealthCheckRequest()).status == 1


def metric(d, name):
    return next(float(line.split()[1]) for line in get(d.port, "/metrics")[2].decode().splitlines()
                if line.startswith(name + " "))


def check_metrics(d):
    """What was done above was counted."""
    for name, least in (("calls_total", 50), ("calls_failed_total", 20), ("calls_refused_total", 1), ("messages_total", 5),
                        ("connections", 1)):
        assert metric(d, "g20_grpc_" + name) >= least, (name, metric(d, "g20_grpc_" + name))
    assert metric(d, "g20_grpc_unauthorized_total") == 0
    wait_for("the streams to go", lambda: metric(d, "g20_grpc_streams") == 0)


def unary_latency_ms(c):
    took = []
    for _ in range(300):
        t = time.perf_counter()
        c.call(c.device.GetChannelStatus, C.GetChannelStatusRequest())
        took.append((time.perf_counter() - t) * 1e3)
    return sorted(took)[150]


def resident_mb(d):
    with open(f"/proc/{d.process.pid}/status", encoding="utf-8") as f:
        return int(next(line for line in f if line.startswith("VmRSS")).split()[1]) / 1024


def everything_works(folder):
    d = start(folder, f"paths.capture_dir={folder}/rec/captures", "limits.clients=8")
    try:
        c = Client(d.grpc)
        wait_for("running", lambda: c.call(c.device.GetChannelStatus, C.GetChannelStatusRequest()).state ==
                 C.SOURCE_STATE_RUNNING)
        check_device(c)
        check_captures(c, f"{folder}/rec")
        check_models(c)
        check_health_and_reflection(c)
        check_streams(d, c)
        check_garbage(d)
        check_limits(d.grpc)
        check_metrics(d)
        check_connections(d)
        print(f"unary p50 {unary_latency_ms(c):.2f} ms, resident {resident_mb(d):.0f} MB", flush=True)
        assert d.stop()[0] == 0, d.logged()[-3000:]
    finally:
        d.close()


def a_head_goes_to_work_and_back(folder):
    """LoadModel and UnloadModel, and that they did it: the list says so."""
    if not KEEPS_UP:
        print("SKIPPED: teaching a head takes too long in an instrumented build")
        return
    scenes = ("kind=ssb,seed=31,seconds=0.5,density=6,snr_min=8", "seed=34,seconds=0.3,density=3")
    subprocess.run([exe, "synth", "-q", "-o", f"{folder}/l", "--rate", "2e6", *(a for s in scenes for a in ("--scene", s))], check=True)
    os.makedirs(f"{folder}/models/heads")
    d = start(folder, f"paths.models_dir={folder}/models")
    try:
        subprocess.run([exe, "train", "head", "ssb", "-q", "-o", f"{folder}/models/heads/ssb.onnx", "--scenes", "1",
                        f"{folder}/l/scene-1", f"{folder}/l/scene-2"], check=True, stdout=subprocess.DEVNULL)
        c = Client(d.grpc)

        def heads():
            return [(m.name, m.loaded) for m in c.call(c.inference.ListModels, I.ListModelsRequest()).models
                    if m.kind == I.MODEL_KIND_HEAD]
        assert heads() == [], heads()
        for _ in range(2):
            assert c.call(c.inference.LoadModel, I.LoadModelRequest(name="ssb")).success
            assert heads() == [("ssb", True)], heads()
            c.fails(S.ALREADY_EXISTS, "ssb", c.inference.LoadModel, I.LoadModelRequest(name="ssb"))
            assert c.call(c.inference.UnloadModel, I.UnloadModelRequest(name="ssb")).success
            assert heads() == [], heads()
            c.fails(S.NOT_FOUND, "no head", c.inference.UnloadModel, I.UnloadModelRequest(name="ssb"))
        with open(f"{folder}/models/heads/junk.onnx", "wb") as f:
            f.write(b"junk")
        c.fails(S.FAILED_PRECONDITION, "junk", c.inference.LoadModel, I.LoadModelRequest(name="junk"))
        assert d.stop()[0] == 0
    finally:
        d.close()


def a_call_during_the_end_is_unavailable(folder):
    """A stream that its client does not read keeps gRPC's end open for a while: a new call on a connection that is
    there is told UNAVAILABLE and why."""
    d = start(folder)
    try:
        c = Client(d.grpc)
        slow = Client(d.grpc, options=[("grpc.http2.lookahead_bytes", 1024), ("grpc.http2.bdp_probe", 0)])
        stalled = slow.call(slow.inference.StreamDetections, I.StreamDetectionsRequest(), timeout=60)
        next(stalled)
        look = C.GetChannelStatusRequest()
        c.call(c.device.GetChannelStatus, look)
        d.process.send_signal(signal.SIGTERM)
        said = []
        while not any("shutting down" in x for x in said):
            try:
                c.call(c.device.GetChannelStatus, look)
                assert d.process.poll() is None, said
            except grpc.RpcError as e:
                assert e.code() == S.UNAVAILABLE, e
                said.append(e.details())
                assert d.process.poll() is None or "shutting down" in said[-1], said
        assert d.wait() == 0, d.logged()[-3000:]
    finally:
        d.close()


def open_streams_do_not_hold_up_the_end(folder):
    d = start(folder)
    try:
        c = Client(d.grpc)
        streams = [c.call(c.inference.StreamDetections, I.StreamDetectionsRequest()) for _ in range(5)]
        watch = c.call(c.health.Watch, H.HealthCheckRequest())
        next(watch)
        ends = []

        def read(s):
            try:
                for _ in s:
                    pass
            except grpc.RpcError as e:
                ends.append(e.code())
        threads = [threading.Thread(target=read, args=(s,)) for s in streams[:4]]
        for t in threads:
            t.start()
        next(streams[4])  # and stalls
        code, took = d.stop()
        for t in threads:
            t.join(LIMIT_S)
        assert code == 0 and took < 5 and ends == [S.UNAVAILABLE] * 4, (code, took, ends)
    finally:
        d.close()


def tokens_and_tls(folder):
    cert, key = certificate(folder, "own")
    path = write(f"{folder}/tokens", f"read {READ}\ncontrol {CONTROL}\n")
    d = start(folder, f"server.auth_token_file={path}", f"server.tls_cert={cert}", f"server.tls_key={key}")
    try:
        nobody, reader, keeper = (Client(d.grpc, t, cert) for t in (None, READ, CONTROL))
        tune, look = C.TuneChannelRequest(center_freq_hz=1e8), C.GetChannelStatusRequest()
        wait_for("running", lambda: reader.call(reader.device.GetChannelStatus, look).state == 2)
        assert keeper.call(keeper.device.TuneChannel, tune).success
        for c, code in ((nobody, S.UNAUTHENTICATED), (Client(d.grpc, "x" * 20, cert), S.UNAUTHENTICATED),
                        (reader, S.PERMISSION_DENIED)):
            c.fails(code, "token", c.device.TuneChannel, tune)
            c.fails(code, "token", c.device.StartCapture, C.StartCaptureRequest())
            c.fails(code, "token", c.device.StopCapture, C.StopCaptureRequest())
            c.fails(code, "token", c.inference.LoadModel, I.LoadModelRequest(name="x"))
            c.fails(code, "token", c.inference.UnloadModel, I.UnloadModelRequest(name="x"))
        nobody.fails(S.UNAUTHENTICATED, "token", nobody.device.GetChannelStatus, look)
        nobody.fails(S.UNAUTHENTICATED, "token", nobody.inference.StreamDetections, I.StreamDetectionsRequest())
        nobody.fails(S.UNAUTHENTICATED, "token", nobody.health.Watch, H.HealthCheckRequest())
        assert nobody.call(nobody.health.Check, H.HealthCheckRequest()).status in (1, 2)  # a probe's question
        next(reader.call(reader.inference.StreamDetections, I.StreamDetectionsRequest())).tile
        plain = Client(d.grpc, CONTROL)
        plain.fails(S.UNAVAILABLE, "", plain.device.GetChannelStatus, look, timeout=3)
        write(path, "read another-0123456789abcd\n")
        d.process.send_signal(signal.SIGHUP)
        wait_for("reload", lambda: "tokens read again" in d.logged())
        reader.fails(S.UNAUTHENTICATED, "token", reader.device.GetChannelStatus, look)
        assert d.stop()[0] == 0 and READ not in d.logged()
    finally:
        d.close()


def without_a_source(folder):
    port = free_port()
    d = Daemon(exe, folder, "source.driver=file", f"source.args={folder}/missing.sigmf-meta",
               f"server.grpc_port={port}")
    try:
        c = Client(port)
        c.fails(S.FAILED_PRECONDITION, "no source", c.device.TuneChannel, C.TuneChannelRequest(center_freq_hz=1e8))
        wait_for("failed", lambda: c.call(c.device.GetChannelStatus, C.GetChannelStatusRequest()).state ==
                 C.SOURCE_STATE_FAILED)
        c.fails(S.FAILED_PRECONDITION, "", c.device.StartCapture, C.StartCaptureRequest(session_id="a"))
        assert "missing" in c.call(c.device.GetChannelStatus, C.GetChannelStatusRequest()).error
        assert c.call(c.health.Check, H.HealthCheckRequest()).status == H.HealthCheckResponse.NOT_SERVING
        assert not any(x.is_open for x in c.call(c.device.ListDevices, C.ListDevicesRequest()).devices)
        d.stop()
    finally:
        d.close()


def ports_and_environment(folder):
    port = free_port()
    os.mkdir(f"{folder}/e")
    env = {**os.environ, "G20_SERVER__GRPC_PORT": str(port), "XDG_CACHE_HOME": folder, "XDG_DATA_HOME": folder}
    sets = ("server.ws_port=0", f"paths.runtime_dir={folder}/e", *SCENE)
    p = subprocess.Popen([exe, "serve", *(a for s in sets for a in ("--set", s))], env=env, stderr=subprocess.PIPE)
    try:
        c = Client(port)
        grpc.channel_ready_future(c.channel).result(LIMIT_S)
        assert c.call(c.health.Check, H.HealthCheckRequest()).status in (1, 2)
        refused(exe, f"{folder}/e", f'"gRPC: cannot listen on 127.0.0.1:{port}: Address already in use"',
                f"server.grpc_port={port}")
    finally:
        p.terminate()
        assert p.wait(LIMIT_S) in ((0,) if KEEPS_UP else (0, 1))  # see Daemon.wait


def by_another_language(folder):
    modules = f"{root}/web/node_modules"
    if not os.path.isdir(f"{modules}/@grpc/grpc-js"):
        print("SKIPPED: @grpc/grpc-js is not installed (npm ci in web/)")
        return
    d = start(folder)
    try:
        r = subprocess.run(["node", f"{root}/tests/app/rpc_client.cjs", modules, f"{root}/proto", DESCRIPTORS,
                            str(d.grpc)], capture_output=True, text=True, timeout=60)
        assert r.returncode == 0, r
        print(r.stdout.strip())
        assert d.stop()[0] == 0
    finally:
        d.close()


def main():
    every_field_of_proto_is_explained()
    for test in (everything_works, a_head_goes_to_work_and_back, a_stalled_stream_loses_its_own,
                 a_call_during_the_end_is_unavailable, open_streams_do_not_hold_up_the_end, tokens_and_tls, without_a_source,
                 ports_and_environment, by_another_language):
        with tempfile.TemporaryDirectory() as folder:
            test(folder)
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()
