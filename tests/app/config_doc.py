#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/configuration.md is what `g20 config doc` writes, and each form of it can be used.

usage: config_doc.py PATH_OF_G20 ROOT"""
import os
import subprocess
import sys
import tempfile

exe, root = sys.argv[1:]


def doc(form):
    return subprocess.run([exe, "config", "doc", "--format", form], capture_output=True, check=True,
                          text=True, timeout=20).stdout


with open(os.path.join(root, "docs", "configuration.md"), encoding="utf-8") as f:
    if f.read() != doc("markdown"):
        sys.exit("docs/configuration.md is old: g20 config doc >docs/configuration.md")

# The file to start from is valid with every line taken into use, and changes nothing.
with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
    keys = 0
    for line in doc("yaml").splitlines():
        body = line.lstrip()
        if body.startswith("#") and not body.startswith("# "):
            line = line.replace("#", "", 1)
            keys += 1
        f.write(line + "\n")
    f.flush()
    r = subprocess.run([exe, "config", "check", f.name], capture_output=True, text=True, timeout=20)
    assert r.returncode == 0, r.stderr
    shown = doc("markdown").count("\n| `")
    assert keys == shown > 30, (keys, shown)

page = doc("man")
assert page.count("\n.TP\n") == keys and ".TH G20.YAML 5" in page
for no, line in enumerate(page.splitlines(), 1):
    assert not line.startswith("'"), f"line {no} of the man page is a request: {line}"
print(f"config doc: {keys} keys in each form")
