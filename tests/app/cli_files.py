#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`g20` over hostile files and options: exit codes, one clear error each, nothing half-written.

usage: cli_files.py PATH_OF_G20      standard library only; bounded in time"""
import json
import math
import os
import pty
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time

LIMIT_S = 60
RATE = 1e6
EXE = sys.argv[1]


def run(*args, **kwargs):
    return subprocess.run([EXE, *args], capture_output=True, timeout=LIMIT_S, **kwargs)


def errors(result):
    return [line for line in map(json.loads, result.stderr.decode().splitlines())
            if line["level"] == "ERROR"]


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def meta(**fields):
    return {"core:datatype": "ci16_le", "core:sample_rate": RATE, "core:version": "1.0.0", **fields}


def sigmf(base, glob, captures=None, data=b"\0" * 4096):
    write(base + ".sigmf-data", data)
    return write(base + ".sigmf-meta", json.dumps(
        {"global": glob, "captures": captures or [{"core:sample_start": 0}], "annotations": []}))


def good(base, seconds=0.3):
    """Noise, and a tone of 20 ms in its middle."""
    rng, n = random.Random(4), int(seconds * RATE)
    out = []
    for i in range(n):
        on = 3000 if abs(i - n // 2) < 10000 else 0
        out += [int(rng.gauss(0, 30) + on * math.cos(0.6 * i)), int(rng.gauss(0, 30) + on * math.sin(0.6 * i))]
    return sigmf(base, meta(), data=struct.pack(f"<{len(out)}h", *out))


def every_bad_file_is_one_clear_error(d):
    ok = good(f"{d}/good")
    os.mkdir(f"{d}/folder")
    wav = (b"RIFF" + struct.pack("<I", 1000) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2,
           48000, 192000, 4, 16) + b"data" + struct.pack("<I", 4000))
    bad = {
        f"{d}/missing.sigmf-meta": "No such file",
        write(f"{d}/empty.sigmf-meta", ""): "JSON",
        write(f"{d}/text.sigmf-meta", "hello"): "JSON",
        write(f"{d}/list.sigmf-meta", "[1]"): "",
        sigmf(f"{d}/type", meta(**{"core:datatype": "cx7"})): "core:datatype",
        sigmf(f"{d}/rate", meta(**{"core:sample_rate": -5})): "core:sample_rate",
        sigmf(f"{d}/ratetext", meta(**{"core:sample_rate": "fast"})): "core:sample_rate",
        sigmf(f"{d}/rateinf", meta(**{"core:sample_rate": 1e300})): "core:sample_rate",
        sigmf(f"{d}/start", meta(), [{"core:sample_start": 1 << 62}]): "sample_start",
        sigmf(f"{d}/order", meta(), [{"core:sample_start": 9}, {"core:sample_start": 3}]):
            "sample_start",
        write(f"{d}/nodata.sigmf-meta", json.dumps({"global": meta(), "captures": []})): "nodata",
        f"{d}/folder": "folder",
        write(f"{d}/raw.iq", b"\1\2\3\4" * 100): "format",
        write(f"{d}/cut.wav", wav[:30]): "cut.wav",
        write(f"{d}/notwav.wav", b"RIFFxxxxAVI "): "notwav.wav",
        write(f"{d}/odd,name", b"x"): "",
    }
    for path, why in bad.items():
        r = run("detect", "--format", "jsonl", path)
        found = errors(r)
        assert r.returncode == 2, (path, r)
        assert len(found) == 1 and r.stdout == b"", (path, r)
        name = os.path.basename(path).split(".")[0].split(",")[0]
        assert name in found[0]["message"] and why in found[0]["message"], (path, found)
    r = run("detect", "--format", "jsonl", *bad, ok, "-q")
    assert r.returncode == 2 and len(errors(r)) == len(bad), r
    assert [json.loads(line)["class"] for line in r.stdout.splitlines()] == ["signal"], r.stdout


def short_data_is_played_as_far_as_it_goes(d):
    base = f"{d}/short"
    good(base)
    with open(base + ".sigmf-data", "r+b") as f:
        f.truncate(f.seek(0, 2) - 7)  # the last sample is cut in two
    r = run("detect", base + ".sigmf-meta", "--format", "jsonl")
    assert r.returncode in (0, 2) and b"Traceback" not in r.stderr
    assert r.returncode == 2 or json.loads(r.stdout)["class"] == "signal", r


def usage_faults_are_2_and_help_is_0(d):
    commands = ["serve", "detect", "eval", "bench", "config", "config show", "config check",
                "config doc", "ctl", "capture", "model", "synth", "train", "train head", "train trunk"]
    for command in commands:
        words = command.split()
        r = run(*words, "--help")
        assert r.returncode == 0 and r.stdout.startswith(f"Usage: g20 {command}".encode()), r
        # An option that wants one of some words shows that it wants one, and which it is without.
        for line in r.stdout.decode().splitlines():
            for option in ("--preset ", "--method ", "--format "):
                value = line.partition(option)[2]
                assert not value or (value.split()[0].isupper() and "; default " in line), line
        r = run(*words, "--nonsense")
        assert r.returncode == 2 and "--nonsense" in errors(r)[0]["message"], r
    for args in ((), ("fly",), ("detect",), ("eval",), ("config",), ("config", "fly"),
                 ("detect", "--score-threshold", "2", "x"), ("detect", "--format", "xml", "x"),
                 ("detect", "--out", "x", "--format", "sigmf", "y"), ("serve", "extra"),
                 ("train", "head"), ("capture",), ("ctl",), ("ctl", "tune", "high"),
                 ("config", "check", f"{d}/none.yaml"), ("config", "check", d),
                 ("model", "quantize"), ("serve", "--set", "server.ws_prot=1"), ("serve", "--config", f"{d}/none.yaml")):
        r = run(*args)
        assert r.returncode == 2 and len(errors(r)) == 1 and r.stdout == b"", (args, r)


def output_that_is_lost_is_no_success(d):
    path = good(f"{d}/good")
    with open("/dev/full", "wb") as full:
        r = subprocess.run([EXE, "detect", path], stdout=full, stderr=subprocess.PIPE,
                           timeout=LIMIT_S)
    assert r.returncode == 1 and b"standard output" in r.stderr, r
    r = run("train", "head", "a", path, "--out", f"{d}/no/such/folder/x")
    assert r.returncode == 1 and "no/such/folder" in errors(r)[0]["message"] and len(errors(r)) == 1, r
    # What cannot be written is told before the work, not after it: nothing was looked at.
    os.symlink(write(f"{d}/target", ""), f"{d}/latest")
    for args in (("detect", path, "--out", f"{d}/no/such/folder/x"), ("detect", path, "--png", f"{d}/no/such/folder/x"),
                 ("eval", path, "--json", f"{d}/no/such/folder/x"), ("eval", path, "--plot", f"{d}/no/such/folder/x"),
                 ("train", "trunk", "--out", f"{d}/no/such/folder/x"), ("train", "trunk", "--model", f"{d}/no/such/folder/x"),
                 ("train", "backbone", "--out", f"{d}/no/such/folder/x"),
                 ("detect", path, "--out", d)):
        r = run(*args)
        assert r.returncode == 1 and len(errors(r)) == 1 and r.stdout == b"", (args, r)
        assert args[2] in errors(r)[0]["message"] and args[3] in errors(r)[0]["message"], r
        assert b'"done"' not in r.stderr, r
    # A pipe is written to, and a link is followed: neither is replaced by a file.
    r = run("detect", path, "-q", "--out", "/dev/stdout", "--format", "jsonl")
    assert r.returncode == 0 and json.loads(r.stdout)["class"] == "signal", r
    assert run("detect", path, "-q", "--out", f"{d}/latest").returncode == 0
    assert os.path.islink(f"{d}/latest") and os.path.getsize(f"{d}/target") > 0
    os.unlink(f"{d}/latest")
    os.unlink(f"{d}/target")
    out = write(f"{d}/out.csv", "as it was")
    r = run("detect", path, "--format", "csv", "--out", out,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16)))
    assert r.returncode == 1 and "File too large" in r.stderr.decode(), r
    with open(out, encoding="utf-8") as f:
        assert f.read() == "as it was"
    assert sorted(os.listdir(d)) == ["good.sigmf-data", "good.sigmf-meta", "out.csv"]


def out_is_what_standard_output_would_be(d):
    path = good(f"{d}/good")
    for form in ("table", "jsonl", "csv"):
        shown = run("detect", path, "--format", form)
        kept = run("detect", path, "--format", form, "--out", f"{d}/out")
        assert shown.returncode == kept.returncode == 0 and kept.stdout == b""
        with open(f"{d}/out", "rb") as f:
            assert f.read() == shown.stdout and len(shown.stdout) > 80


def an_interrupt_leaves_nothing_half_written(d):
    with open(f"{d}/big.iq", "wb") as f:
        f.truncate(4 << 33)  # sparse: minutes of work
    before = sorted(os.listdir(d))
    for extra in (("--out", f"{d}/out"), ("--png", f"{d}/out.png"), ("--format", "sigmf")):
        p = subprocess.Popen([EXE, "detect", f"{d}/big.iq,format=ci16_le,rate=1e6", *extra],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for line in p.stderr:  # at work: it tells its progress once a second
            told = json.loads(line)
            if told["message"] == "progress":
                break
        assert 0 < told["samples"] < told["of"] == 1 << 33, told
        p.send_signal(signal.SIGINT)
        assert p.wait(LIMIT_S) == 1
        p.stderr.close()
        assert sorted(os.listdir(d)) == before, extra


def quiet_work_says_nothing(d):
    with open(f"{d}/big.iq", "wb") as f:
        f.truncate(4 << 33)
    p = subprocess.Popen([EXE, "detect", "-q", f"{d}/big.iq,format=ci16_le,rate=1e6"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(1.5)
    p.send_signal(signal.SIGINT)
    assert p.communicate(timeout=LIMIT_S)[1] == b""


def a_terminal_gets_a_bar(d):
    try:
        main, side = pty.openpty()
    except OSError as e:
        print(f"skipped: no terminal to be had here: {e}")
        return
    with open(f"{d}/big.iq", "wb") as f:
        f.truncate(4 << 33)
    p = subprocess.Popen([EXE, "detect", f"{d}/big.iq,format=ci16_le,rate=1e6"], stderr=side,
                         stdout=subprocess.DEVNULL)
    os.close(side)
    text, end = b"", time.monotonic() + LIMIT_S
    while b"MS/s" not in text and time.monotonic() < end:
        text += os.read(main, 4096)
    p.send_signal(signal.SIGINT)
    p.wait(LIMIT_S)
    os.close(main)
    assert b"\r\x1b[K" in text and b"[...." in text and b"%, " in text, text


def a_scene_is_scored_the_same_each_time(d):
    args = ("eval", "-q", "--scene", "seed=9,seconds=0.4,density=3", "--rate", "4e6")
    a = run(*args, "--json", f"{d}/a", "--plot", f"{d}/a.png")
    b = run(*args, "--json", f"{d}/b")
    assert a.returncode == b.returncode == 0 and a.stdout == b.stdout, (a, b)
    with open(f"{d}/a", encoding="utf-8") as f, open(f"{d}/b", encoding="utf-8") as g:
        total = json.load(f)
        assert total == json.load(g)
    total = total[0]
    assert total["files"] == 1 and total["boxes"] >= 5, total
    assert 0 < total["found"] <= total["boxes"]
    known = [bin for bin in total["snr"] if bin["boxes"]]
    assert sum(bin["boxes"] for bin in known) == total["boxes"]
    assert sum(bin["found"] for bin in known) == total["found"]
    with open(f"{d}/a.png", "rb") as f:
        assert f.read(8) == b"\x89PNG\r\n\x1a\n"
    for bad in (("--scene", "seed=1"), ("--scene", "seconds=1,colour=red"), ()):
        r = run("eval", "--model", "energy", *bad)
        assert r.returncode == 2 and len(errors(r)) == 1, r
    r = run("eval", "-q", "--scene", "seconds=0.2,quiet=on", "--rate", "4e6", "--plot", f"{d}/c.png")
    assert r.returncode == 2 and "SNR" in errors(r)[0]["message"], r
    assert not os.path.exists(f"{d}/c.png")


def bad_inputs_are_told_once_before_any_model_runs(d):
    ok = good(f"{d}/good")
    bad = [f"{d}/missing.sigmf-meta", write(f"{d}/text.sigmf-meta", "hello"),
           write(f"{d}/nodata.sigmf-meta", json.dumps({"global": meta(), "captures": [{"core:sample_start": 0}]}))]
    models = ("--model", "energy", "--model", "hydra-int8")
    r = run("eval", *models, ok, *bad, "--scene", "seconds=1,colour=red", "--json", f"{d}/json")
    assert r.returncode == 2 and r.stdout == b"" and b"%" not in r.stderr, r
    said = [x["message"] for x in errors(r)]
    assert len(said) == 4 and all(os.path.basename(b).split(".")[0] in s for b, s in zip(bad, said)), said
    assert "colour" in said[3] and not os.path.exists(f"{d}/json"), said
    r = run("eval", "--model", "nosuch", "--model", "energy", ok, ok)
    assert r.returncode == 2 and r.stdout == b"" and len(errors(r)) == 1 and "nosuch" in errors(r)[0]["message"], r
    # What only the work itself tells: no table of nothing.
    r = run("eval", "--model", write(f"{d}/no.onnx", "hello"), ok)
    assert r.returncode == 2 and r.stdout == b"" and len(errors(r)) == 1, r


def main():
    for test in (every_bad_file_is_one_clear_error, short_data_is_played_as_far_as_it_goes,
                 usage_faults_are_2_and_help_is_0, output_that_is_lost_is_no_success,
                 out_is_what_standard_output_would_be, an_interrupt_leaves_nothing_half_written,
                 quiet_work_says_nothing, a_terminal_gets_a_bar,
                 bad_inputs_are_told_once_before_any_model_runs, a_scene_is_scored_the_same_each_time):
        with tempfile.TemporaryDirectory() as d:
            test(d)
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()
