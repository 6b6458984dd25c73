#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each command that exists has a man page with its own name, usage and every one of its options.

usage: man_pages.py PATH_OF_G20 FOLDER_OF_PAGES"""
import os
import re
import subprocess
import sys

exe, folder = sys.argv[1:]


def shown(*args):
    return subprocess.run([exe, *args, "--help"], capture_output=True, check=True, text=True,
                          timeout=20).stdout


commands = [[]]
for line in shown().splitlines():
    m = re.match(r"  ([a-z]+) +\S", line)
    if m and "not implemented" not in line:
        commands.append([m[1]])
commands += [["config", word] for word in ("show", "check", "doc")]
assert len(commands) >= 9, commands
for words in commands:
    name = "-".join(["g20", *words])
    with open(os.path.join(folder, name + ".1"), encoding="utf-8") as f:
        page = f.read()
    assert f"\n.SH NAME\n{name} \\- " in page, (name, page[:400])
    assert "\n.SH SYNOPSIS\n" in page and "\n.SH OPTIONS\n" in page, name
    assert "\n.SH \"SEE ALSO\"\n" in page and "full documentation" not in page, name
    options = re.findall(r"^ +(?:-\w, )?--([a-z-]+)", shown(*words), re.M)
    assert options, name
    for option in options:
        assert r"\-\-" + option.replace("-", r"\-") in page, (name, option)
with open(os.path.join(folder, "g20.yaml.5"), encoding="utf-8") as f:
    assert "server.ws_port" in f.read().replace("\\-", "-")
print(f"man pages: {len(commands)} commands")
