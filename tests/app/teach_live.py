#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Teaching in a running daemon, over /ws/training: save, train, name, promote, roll back; and what is killed.

usage: teach_live.py PATH_OF_G20"""
import array
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

from client import KEEPS_UP, Daemon, Ws

exe = sys.argv[1]
KIND, RATE = "ssb", 2e6


def g20(*args):
    r = subprocess.run([exe, *args], capture_output=True, text=True, timeout=900, env=os.environ)
    assert r.returncode == 0, (args, r.stderr[-2000:])
    return r.stdout


class Teacher(Ws):
    def __init__(self, port):
        super().__init__(port, "/ws/training")
        self.sock.settimeout(400)
        self.heard = []

    def next(self):
        while True:
            op, data = self.receive()
            if op == 1:
                o = json.loads(data)
                self.heard.append(o["type"])
                return o

    def ask(self, command, want, **fields):
        self.send(json.dumps({"command": command, "id": command, **fields}))
        while True:
            o = self.next()
            if o.get("id") == command:
                assert o["type"] == want, o
                return o

    def wait(self, *types):
        end = time.monotonic() + (400 if KEEPS_UP else 1200)
        while time.monotonic() < end:
            o = self.next()
            if o["type"] in types:
                return o
        raise TimeoutError(types)


def sample_of(path):
    """A recording as a request: complex64 in base64, boxes in real units."""
    with open(path + ".sigmf-meta", encoding="utf-8") as f:
        meta = json.load(f)
    x = array.array("h")
    with open(path + ".sigmf-data", "rb") as f:
        x.frombytes(f.read())
    iq = array.array("f", (v / 32768 for v in x))
    centre = meta["captures"][0]["core:frequency"]
    length = len(iq) / 2 / RATE
    boxes = [{"f_lo_hz": max(a["core:freq_lower_edge"] - centre, -RATE / 2),
              "f_hi_hz": min(a["core:freq_upper_edge"] - centre, RATE / 2),
              "t_start_s": a["core:sample_start"] / RATE,
              "t_stop_s": min((a["core:sample_start"] + a["core:sample_count"]) / RATE, length)}
             for a in meta["annotations"] if not a.get("g20:ignore")]
    return {"signal_name": KIND, "iq_data": base64.b64encode(iq.tobytes()).decode(), "boxes": boxes,
            "metadata": {"sample_rate_hz": RATE, "center_freq_hz": centre, "complete": True}}


def same_place(x, y):
    """Most of @x's time and band is @y's, as far as the time is known, and the recording where it is not."""
    if x["time_us"] == 0 and x["recording"] != y["recording"]:
        return False
    at = "time_us" if x["time_us"] else "start_s"
    unit = 1e6 if x["time_us"] else 1.0
    time_s = (min(x[at] + x["duration_s"] * unit, y[at] + y["duration_s"] * unit) - max(x[at], y[at])) / unit
    band = min(x["f_hi_hz"], y["f_hi_hz"]) - max(x["f_lo_hz"], y["f_lo_hz"])
    return max(time_s, 0) * max(band, 0) > 0.5 * x["duration_s"] * (x["f_hi_hz"] - x["f_lo_hz"])


with tempfile.TemporaryDirectory() as d:
    scenes = [a for s in (31, 32, 33) for a in ("--scene", f"kind={KIND},seed={s},seconds=0.2,density=10,snr_min=8")]
    g20("synth", "-q", "-o", f"{d}/lessons", "--rate", str(RATE), *scenes)
    lessons = [sample_of(f"{d}/lessons/scene-{i}") for i in (1, 2, 3)]
    os.mkdir(f"{d}/run")
    # A capture that nobody labelled: what a version would have found in it is for the operator to judge.
    g20("synth", "-q", "-o", f"{d}/captures", "--rate", str(RATE), "--scene", f"kind={KIND},seed=41,seconds=0.2,density=10,snr_min=8")
    with open(f"{d}/captures/scene-1.sigmf-meta", encoding="utf-8") as f:
        meta = json.load(f)
    meta["annotations"] = []
    with open(f"{d}/captures/scene-1.sigmf-meta", "w", encoding="utf-8") as f:
        json.dump(meta, f)
    sets = ("source.driver=file", f"source.args={d}/lessons/scene-1.sigmf-meta", "source.loop=true", "source.realtime=true",
            f"paths.training_dir={d}/training", f"paths.models_dir={d}/models", f"paths.capture_dir={d}/captures")
    daemon = Daemon(exe, f"{d}/run", *sets)
    try:
        t = Teacher(daemon.port)
        ids = [t.ask("save_sample", "sample_saved", **x) for x in lessons]
        assert all(x["is_new"] for x in ids), ids
        assert not t.ask("save_sample", "sample_saved", **lessons[0])["is_new"]
        bad = {**lessons[0], "boxes": [{"x_min": 0.5, "x_max": 0.5, "y_min": 0, "y_max": 1}]}
        assert t.ask("save_sample", "error", **bad)["code"] == "invalid_field"
        assert len(t.ask("list_samples", "samples", signal_name=KIND)["samples"]) == 3

        # A box on what was received a moment ago: a sample out of the ring.
        live = Ws(daemon.port)
        seen = json.loads(live.until(lambda op, x: op == 1 and json.loads(x).get("event") == "close"
                                     and json.loads(x)["snr_db"] > 6))
        live.sock.close()
        centre = lessons[0]["metadata"]["center_freq_hz"]
        own = t.ask("save_sample", "sample_saved", signal_name=KIND, metadata=lessons[0]["metadata"],
                    capture={"start_us": seen["start_us"] - 5000, "duration_us": int(seen["duration_s"] * 1e6) + 10000},
                    boxes=[{"f_lo_hz": max(seen["f_lo_hz"] - centre, -RATE / 2), "f_hi_hz": min(seen["f_hi_hz"] - centre, RATE / 2),
                            "t_start_s": 0.005, "t_stop_s": 0.005 + seen["duration_s"]}])
        assert own["is_new"], own

        # The daemon is killed while it trains, and the training with it: the next daemon takes it up.
        job = t.ask("train_signal", "training_started", signal_name=KIND)["job_id"]
        assert t.wait("progress")["job_id"] == job
        daemon.close()
        daemon = Daemon(exe, f"{d}/run", *sets)
        t = Teacher(daemon.port)
        assert len(t.ask("list_samples", "samples")["samples"]) == 4
        done = t.wait("training_done", "training_failed")
        assert done["type"] == "training_done" and done["job_id"] == job and done["promoted"], done
        assert done["promotion"] == "the first version" and done["f1_basis"] != "none", done
        assert t.heard.count("progress") > 3, t.heard

        # Before it is trusted: accepted and rejected ones become samples, and stay answered.
        review = t.ask("review", "review", signal_name=KIND)
        items = review["items"]
        assert review["state"] == "ready" and review["version"] == 1 and len(items) == done["review_items"] >= 2, review
        # What was received when the training began comes first, but for what was boxed then; half of the items are others'.
        assert {x["source"] for x in items} <= {"ring", "capture", "sample"} and items[0]["source"] == "ring", items
        heard = [x for x in items if x["source"] == "ring"]
        assert len(heard) <= 50 and any(x["source"] == "capture" for x in items), items
        for x in heard:
            time_us = min(x["time_us"] + x["duration_s"] * 1e6, seen["start_us"] + seen["duration_s"] * 1e6) - max(x["time_us"], seen["start_us"])
            band = min(x["f_hi_hz"], seen["f_hi_hz"]) - max(x["f_lo_hz"], seen["f_lo_hz"])
            assert max(time_us, 0) * max(band, 0) < 0.5 * x["duration_s"] * 1e6 * (x["f_hi_hz"] - x["f_lo_hz"]), (x, seen)
        assert len([f for f in os.listdir(f"{d}/training/heard") if f.endswith("-meta")]) <= 2
        assert len(base64.b64decode(items[0]["picture"])) == 4096 and "path" not in items[0]
        yes = t.ask("review_answer", "review_answered", signal_name=KIND, version=1, item_id=items[0]["item_id"], answer="accept")
        no = t.ask("review_answer", "review_answered", signal_name=KIND, item_id=items[1]["item_id"], answer="reject")
        assert no["left"] == len(items) - 2 and no["version"] == 1, no
        again = t.ask("review_answer", "review_answered", signal_name=KIND, item_id=items[0]["item_id"], answer="accept")
        assert again["sample_id"] == yes["sample_id"], again
        assert t.ask("review_answer", "error", signal_name=KIND, item_id=items[0]["item_id"], answer="reject")["code"] == "already_exists"
        assert t.ask("review_answer", "error", signal_name=KIND, item_id="r9999", answer="reject")["code"] == "not_found"
        assert t.ask("get_sample", "sample", sample_id=no["sample_id"])["boxes"][0]["label"] == "other"
        here = ("--set", f"paths.training_dir={d}/training", "--set", f"paths.capture_dir={d}/captures")
        lines = [json.loads(x) for x in g20("train", "review", KIND, "--list", *here).splitlines()]
        assert [x["answer"] for x in lines[:2]] == ["accept", "reject"] and len(lines) == len(items), lines
        # More like this, by a sample and by a place in time and band; and what no head knows.
        like = t.ask("similar", "similar", sample_id=ids[0]["sample_id"], limit=5)["items"]
        assert like and like == sorted(like, key=lambda x: -x["similarity"]), like
        place = {k: like[0][k] for k in ("time_us", "duration_s", "f_lo_hz", "f_hi_hz")}
        assert t.ask("similar", "similar", box=place)["of"]["item_id"] == like[0]["item_id"]
        assert t.ask("similar", "similar", item_id=like[0]["item_id"], limit=1)["items"][0]["item_id"] != like[0]["item_id"]
        assert t.ask("similar", "error", item_id="e999999999")["code"] == "not_found"
        assert t.ask("similar", "error")["code"] == "missing_field"
        groups = t.ask("clusters", "clusters")
        assert groups["looked"] > 0 and all(0 < len(g["examples"]) <= g["count"] for g in groups["clusters"]), groups
        assert t.ask("teach_cluster", "error", cluster_id=999999, signal_name="new")["code"] == "not_found"
        # Named and taught in one step, from what the ring still has of it.
        group = max(groups["clusters"], key=lambda g: g["count"])
        taught = t.ask("teach_cluster", "cluster_taught", cluster_id=group["cluster_id"], signal_name="new")
        kept = t.ask("list_samples", "samples", signal_name="new")["samples"]
        assert 0 < len(kept) == taught["samples"] <= len(group["examples"]) and all(x["recording"] == "received" for x in kept), (taught, kept)
        assert group["cluster_id"] not in [g["cluster_id"] for g in t.ask("clusters", "clusters")["clusters"]]
        t.ask("cancel_training", "cancelling", job_id=taught["job_id"])
        t.wait("training_cancelled", "training_done")
        t.ask("delete_signal", "signal_deleted", signal_name="new")

        # It names what the daemon sees, at once.
        live = Ws(daemon.port)
        live.until(lambda op, x: op == 1 and json.loads(x).get("class") == KIND)
        live.sock.close()
        # A trainer that is killed is a training that failed; the active version stays.
        second = t.ask("train_signal", "training_started", signal_name=KIND, seed=2)["job_id"]
        t.wait("progress")
        trainers = [p for p in os.listdir("/proc") if p.isdigit() and second in open(f"/proc/{p}/cmdline", "rb").read().decode()]
        assert len(trainers) == 1, trainers
        os.kill(int(trainers[0]), 9)
        assert "signal 9" in t.wait("training_failed")["message"]
        third = t.ask("train_signal", "training_started", signal_name=KIND, seed=3)["job_id"]
        t.wait("progress")
        t.ask("cancel_training", "cancelling", job_id=third)
        assert t.wait("training_cancelled", "training_done")["job_id"] == third
        t.ask("train_signal", "training_started", signal_name=KIND)
        again = t.wait("training_done", "training_failed")
        assert again["type"] == "training_done" and again["labelled"] == done["labelled"] + 1, again
        # Nothing is asked for twice: samples were cut from what the captures and the ring hold, too.
        asked = t.ask("review", "review", signal_name=KIND)["items"]
        for k, x in enumerate(asked):
            assert not any(same_place(x, y) for y in asked[:k] + [items[0], items[1]]), (x, asked)
        versions = t.ask("list_versions", "versions", signal_name=KIND)
        assert [v["version"] for v in versions["versions"]] == [1, 2], versions
        t.ask("promote_version", "version_promoted", signal_name=KIND, version=2)
        assert t.ask("list_versions", "versions", signal_name=KIND)["active_version"] == 2
        t.ask("rollback_version", "version_rolled_back", signal_name=KIND)
        assert t.ask("list_versions", "versions", signal_name=KIND)["active_version"] == 1
        onnx = base64.b64decode(t.ask("export_model", "model", signal_name=KIND)["data"])
        with open(f"{d}/training/signals/{KIND}/versions/0001/head.onnx", "rb") as f:
            assert f.read() == onnx
        t.ask("rename_signal", "signal_renamed", signal_name=KIND, new_name="voice")
        live = Ws(daemon.port)
        live.until(lambda op, x: op == 1 and json.loads(x).get("class") == "voice")
        live.sock.close()
        registry = t.ask("get_registry", "registry")
        assert [s["signal_name"] for s in registry["signals"]] == ["voice"], registry
        t.ask("delete_sample", "sample_deleted", sample_id=ids[0]["sample_id"])
        t.ask("restore_sample", "sample_restored", sample_id=ids[0]["sample_id"])
        t.ask("delete_signal", "signal_deleted", signal_name="voice")
        t.ask("restore_signal", "signal_restored", signal_name="voice")
        assert daemon.stop()[0] == 0
    finally:
        daemon.close()
print(f"teach_live: F1 {done['f1']:.3f} in {done['seconds']:.1f} s, again in {again['seconds']:.1f} s")
