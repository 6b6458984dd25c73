#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Model files through the program: found by name, shown, exported, and refused when they do not fit.

usage: models.py PATH_OF_G20 SOURCE_ROOT"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

exe, root = sys.argv[1], sys.argv[2]
shipped = f"{root}/models/hydra.onnx"


def g20(*args, code=0, **env):
    r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=250,
                       env={**os.environ, **env})
    assert r.returncode == code, (args, r)
    return r.stdout if code == 0 else json.loads(r.stderr.splitlines()[-1])["message"]


with tempfile.TemporaryDirectory() as d:
    env = {"G20_PATHS__MODELS_DIR": d, "G20_INFERENCE__ONNXRUNTIME": f"{d}/none"}
    assert os.path.getsize(shipped) <= 3_000_000, os.path.getsize(shipped)
    shutil.copy(shipped, f"{d}/mine.onnx")
    listed = {m["name"]: m for m in json.loads(g20("model", "list", "--json", **env))}
    assert listed["mine"]["file"] == f"{d}/mine.onnx", listed
    assert listed["mine"]["properties"]["g20.nfft"] == "4096", listed
    assert "mine " in g20("model", "list", **env) and "energy" in g20("model", "list", **env)
    assert "MMAC a tile" in g20("model", "info", "mine", **env)
    assert json.loads(g20("model", "info", "--json", "mine", **env)) == listed["mine"]
    assert "no file" in g20("model", "info", "energy")

    # Exported again it is the same network, with what was asked for changed.
    out = f"{d}/again.onnx"
    g20("model", "export", "mine", "-o", out, "--model-version", "7", "--threshold", "0.5", **env)
    again = json.loads(g20("model", "info", "--json", out))
    assert again["parameters"] == listed["mine"]["parameters"], again
    assert again["properties"]["g20.version"] == "7", again
    g20("model", "export", "mine", "-o", f"{d}/twice.onnx", "--model-version", "7", "--threshold", "0.5", **env)
    with open(out, "rb") as a, open(f"{d}/twice.onnx", "rb") as b:
        whole = a.read()
        assert whole == b.read()

    # Files that do not fit say what differs; detect and info alike.
    for old, new, want in ((b"4096", b"8192", "g20.nfft is 8192"), (b"hann", b"hamm", "g20.window is hamm"),
                           (b"g20.kind", b"xxx.kind", "no g20.kind")):
        at = whole.rfind(b"g20.format")
        with open(f"{d}/bad.onnx", "wb") as f:
            f.write(whole[:at] + whole[at:].replace(old, new, 1))
        assert want in g20("model", "info", "bad", code=2, **env), want
        error = g20("detect", "-q", "--model", "bad", "x.iq,format=ci16_le,rate=1e6", code=2, **env)
        assert error, want
    for data in (b"", b"hello", whole[:100000]):
        with open(f"{d}/bad.onnx", "wb") as f:
            f.write(data)
        assert f"{d}/bad.onnx" in g20("model", "info", "bad", code=2, **env), len(data)
    assert "bad.onnx" in g20("model", "list", code=2, **env)  # the good ones are still listed

    # Usage.
    for args, want in ((["list", "more"], "want list"), (["fly"], "want list"), (["info"], "want list"),
                       (["export", "mine"], "--out"), (["info", "none"], 'no model "none"'),
                       (["info", f"{d}/none.onnx"], "none.onnx"), (["export", "mine", "-o", f"{d}/no/x.onnx"], "no/x.onnx")):
        assert want in g20("model", *args, code=2, **env), args

    # INT8: from a scene, beside the model it is of, used in its place.
    report = json.loads(g20("model", "quantize", "mine", "-o", f"{d}/mine-int8.onnx", "-q", "--json", "--tiles", "2",
                            "--scene", "seed=5,seconds=0.3", **env))
    assert [t["chosen"] for t in report["tried"]].count(True) == 1 and len(report["tried"]) == 5, report
    assert report["layers"] and all(v["sqnr_db"] > 10 for v in report["layers"]), report
    best = min(report["tried"], key=lambda t: t["score_error"] ** 2 + t["edge_error"] ** 2)
    assert best["chosen"] and best["score_error"] < 0.05, report
    size = os.path.getsize(f"{d}/mine-int8.onnx")
    assert size < 0.6 * os.path.getsize(f"{d}/mine.onnx"), size
    # One way of clipping, in words and in JSON: the same file each time.
    one_way = ("--tiles", "1", "--method", "percentile", "--share", "0.999", "--scene", "seed=5,seconds=0.3")
    text = g20("model", "quantize", "mine", "-o", f"{d}/one.onnx", "-q", *one_way, **env)
    assert "chosen" in text and "quantization noise" in text, text
    one = json.loads(g20("model", "quantize", "mine", "-o", f"{d}/again.onnx", "-q", "--json", *one_way, **env))
    assert len(one["tried"]) == 1 and one["tried"][0]["method"] == "percentile 0.999", one
    with open(f"{d}/one.onnx", "rb") as a, open(f"{d}/again.onnx", "rb") as b:
        assert a.read() == b.read()
    scene = f"{d}/scene"
    g20("synth", "-q", "-o", scene, "--scene", "seed=6,seconds=0.3")
    found = {how: g20("detect", "-q", "--format", "jsonl", *how.split(), f"{scene}/scene-1", **env)
             for how in ("--model mine", "--model mine --float32", "--model mine-int8", "--model energy")}
    assert found["--model mine"] == found["--model mine-int8"] != found["--model mine --float32"]
    for args, want in ((["mine-int8", "-o", out], "in INT8 already"), (["mine"], "--out"), (["none", "-o", out], "no model"),
                       (["mine", "-o", out, f"{d}/nothing.sigmf-meta"], "nothing.sigmf-meta"),
                       (["mine", "-o", out, "--scene", "seed=x"], "seed")):
        assert want in g20("model", "quantize", "-q", *args, code=2, **env), args
    with open(f"{d}/bad-int8.onnx", "wb") as f, open(f"{d}/mine-int8.onnx", "rb") as a:
        data = a.read()
        at = data.index(b"zero0")
        f.write(data[:at + 7] + bytes([data[at + 7] ^ 1]) + data[at + 8:])
    assert "bytes are (b - 27)" in g20("model", "info", "bad-int8", code=2, **env)
print(f"models: {len(listed)} listed, {os.path.getsize(shipped)} bytes shipped")
