#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Detectors of other makers, by ONNX Runtime: known tones give known boxes and classes, in detect and
in serve; what does not fit is refused, and the message says why.

usage: foreign.py PATH_OF_G20       77: skipped after what needs no library, $G20_TEST_ONNXRUNTIME is not there"""
import array
import cmath
import json
import math
import os
import random
import subprocess
import sys
import tempfile

from client import Daemon, Ws, get
from yolo_model import CELLS, model, port

exe = sys.argv[1]
library = os.environ.get("G20_TEST_ONNXRUNTIME", "")
RATE, SAMPLES, BLOCK = 1e6, 400_000, 8192
STRONG, WEAK = 40, 12  # columns
RECORDING = f",format=ci16_le,rate={RATE:.0f}"


def middle(column):
    """Hz from the middle of the band."""
    return ((column + 0.5) / CELLS - 0.5) * RATE


def write_tones(path):
    """Two steady tones 54 and 26 dB over the noise of a bin; their period is that of the noise."""
    random.seed(3)
    x = array.array("h")
    for i in range(BLOCK):
        z = complex(random.gauss(0, 23), random.gauss(0, 23))
        for column, dbfs in ((STRONG, -40), (WEAK, -68)):
            z += 32767 * 10 ** (dbfs / 20) * cmath.exp(2j * math.pi * middle(column) / RATE * i)
        x.extend((round(z.real), round(z.imag)))
    with open(path, "wb") as f:
        f.write(x.tobytes() * (SAMPLES // BLOCK))


def g20(*args, code=0, **env):
    r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=120,
                       env={**os.environ, "G20_INFERENCE__ONNXRUNTIME": library, **env})
    assert r.returncode == code, (args, r.stdout[-500:], r.stderr[-2000:])
    return r.stdout if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


def detect(name, tones, *args, **env):
    out = g20("detect", "-q", "--format", "jsonl", "--model", name, *args, tones + RECORDING, **env)
    return [json.loads(line) for line in out.splitlines()]


def is_at(emission, column):
    width = RATE / CELLS
    return (emission["f_lo_hz"] <= middle(column) <= emission["f_hi_hz"] and
            emission["f_hi_hz"] - emission["f_lo_hz"] <= 1.1 * width and emission["duration_s"] > 0.9 * SAMPLES / RATE)


def write(folder, name, data):
    with open(f"{folder}/{name}.onnx", "wb") as f:
        f.write(data)
    return name


def without_the_library(d, tones, env):
    write(d, "yolo", model())
    gone = {**env, "G20_INFERENCE__ONNXRUNTIME": f"{d}/libonnxruntime.so.1"}
    message = g20("detect", "-q", "--model", "yolo", tones + RECORDING, code=2, **gone)
    assert "no g20.kind" in message and f"{d}/libonnxruntime.so.1" in message, message
    message = g20("model", "info", "yolo", code=2, **gone)
    assert f"{d}/libonnxruntime.so.1" in message, message
    message = g20("detect", "-q", "--model", "hydra", tones + RECORDING, code=2,
                  **{**gone, "G20_INFERENCE__PROVIDER": "cuda"})
    assert f"{d}/libonnxruntime.so.1" in message, message


def boxes_and_classes(d, tones, env):
    variants = {"yolo": model(), "yolov5": model("yolov5"), "rgb": model(channels=3, batch=1),
                "unnamed": model(names=None), "words": model(names=None, props={
                    "g20.class_names": "strong weak", "g20.layout": "yolov8", "g20.name": "my model", "g20.version": "7"})}
    for name, data in variants.items():
        write(d, name, data)
        found = detect(name, tones, **env)
        assert len(found) == 2, (name, found)
        weak, strong = sorted(found, key=lambda e: e["f_lo_hz"])
        assert is_at(weak, WEAK) and is_at(strong, STRONG), (name, found)
        classes = ("class 0", "class 1") if name == "unnamed" else ("strong", "weak")
        assert (strong["class"], weak["class"]) == classes, (name, found)
        assert strong["confidence"] > 0.95 and 0.8 < weak["confidence"] <= 0.901, (name, found)
        assert strong["model"] == ("my model" if name == "words" else name), (name, found)
    assert [e["class"] for e in detect("yolo", tones, "--score-threshold", "0.95", **env)] == ["strong"]
    # The mean of a row, not its maximum, on request: it only stands a little lower over the noise.
    write(d, "any", model(height="h", width="w", props={"imgsz": "[64, 256]"}))
    assert len(detect("any", tones, **env)) == 2
    write(d, "mean", model(props={"g20.channels": "mean"}))
    assert len(detect("mean", tones, **env)) == 2
    info = g20("model", "info", "yolo", **env)
    assert "bx1x64x256" not in info and "1x1x64x256 -> 1x6x64, yolov8" in info and "strong weak" in info, info
    assert "yolov5" in g20("model", "list", **env)


def refusals(d, tones, env):
    whole = model()
    bad = {
        "cut": (whole[:len(whole) // 2], "cut"),
        "empty": (b"", "empty"),
        "text": (b"this is no model", "text"),
        "graph": (whole.replace(b"Sigmoid", b"Sigmold"), "Sigmold"),
        "three": (model(names="{0: 'a', 1: 'b', 2: 'c'}"), "the file names 3 classes"),
        "unclear": (model(names="{0: 'a', 2: 'c'}"), "class 1 has no name"),
        "twice": (model(names="{0: 'a', 0: 'c'}"), "class 0 is there twice"),
        "long": (model(names="x" * 9000), "longer than 8191 bytes"),
        "layout": (model(props={"g20.layout": "detr"}), "g20.layout is detr, want yolov8 or yolov5"),
        "channels": (model(channels=2), "an input of ?x2x64x256, want 1 x 1 or 3"),
        "median": (model(props={"g20.channels": "median"}), "g20.channels is median"),
        "batch": (model(batch=8), "an input of 8x1x64x256"),
        "double": (model(kind=11), "double"),
        "inputs": (model(more_inputs=port(11, "other", [1])), "2 inputs"),
        "end": (model(props={"end2end": "True"}), "end2end"),
        "size": (model(height="h", props={"imgsz": "many"}), "imgsz is many"),
        "large": (model(height="h", width="w", props={"imgsz": "[9000, 9000]"}), "9000 x 9000 pixels"),
    }
    for name, (data, want) in bad.items():
        write(d, f"bad-{name}", data)
        message = g20("detect", "-q", "--model", f"bad-{name}", tones + RECORDING, code=2, **env)
        assert f"bad-{name}.onnx" in message and want in message, (name, message)
        os.unlink(f"{d}/bad-{name}.onnx")
    for provider in ("cuda", "tensorrt"):
        message = g20("detect", "-q", "--model", "yolo", tones + RECORDING, code=2,
                      **{**env, "G20_INFERENCE__PROVIDER": provider})
        assert "offers only" in message and "CPUExecutionProvider" in message or "libonnxruntime_providers" in message, message


def live(d, tones):
    os.mkdir(f"{d}/run")
    settings = (f"paths.models_dir={d}", f"inference.onnxruntime={library}", "inference.model=yolo")
    daemon = Daemon(exe, f"{d}/run", "source.driver=file", f"source.args={tones}{RECORDING}", "source.loop=true", *settings)
    try:
        caps = json.loads(get(daemon.port, "/api/capabilities")[2])["inference"]
        assert caps["providers"][0] == "cpu" and caps["onnxruntime"].startswith("1."), caps
        assert "yolo" in caps["models"], caps
        ws = Ws(daemon.port, "/ws/inference")
        seen = set()

        def both(op, data):
            m = json.loads(data) if op == 1 else {}
            seen.update(b[5] for b in m.get("boxes", ()))
            return {"strong", "weak"} <= seen

        ws.until(both)
        assert seen == {"strong", "weak"}, seen
        ws.send('{"command":"status","id":1}')
        status = ws.reply(1)
        assert status["model"]["class_names"] == ["background", "strong", "weak"], status["model"]
        assert daemon.stop()[0] == 0
    finally:
        daemon.close()
    r = subprocess.run([exe, "serve", "--set", f"paths.runtime_dir={d}/no", "--set", f"paths.models_dir={d}", "--set",
                        "inference.model=yolo", "--set", "inference.onnxruntime=/nowhere.so", "--set",
                        "server.ws_port=0"], capture_output=True, text=True, timeout=60)
    assert r.returncode != 0 and "/nowhere.so" in r.stderr, r


def main():
    with tempfile.TemporaryDirectory() as d:
        tones, env = f"{d}/tones.iq", {"G20_PATHS__MODELS_DIR": d}
        write_tones(tones)
        without_the_library(d, tones, env)
        if not os.path.exists(library):
            print("SKIPPED: ONNX Runtime is not installed (npm ci --ignore-scripts in tests/onnxruntime)")
            return 77
        boxes_and_classes(d, tones, env)
        refusals(d, tones, env)
        live(d, tones)
    print("foreign: boxes and classes of five files, refusals, serve")
    return 0


sys.exit(main())
