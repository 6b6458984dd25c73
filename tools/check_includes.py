#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a source folder includes a header of a folder that is not to its left.

usage: check_includes.py [ROOT]     docs/architecture.md draws the same table."""
import argparse
import pathlib
import re
import sys

COLUMNS = [["base"], ["dsp", "nn", "config"], ["source", "detect"],
           ["train", "engine", "render", "eval", "store"], ["capture", "teach"], ["server", "rpc"], ["app"]]
RANK = {folder: i for i, column in enumerate(COLUMNS) for folder in column}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", default=".", type=pathlib.Path)
    root = parser.parse_args().root / "src"
    bad, files = 0, 0
    for path in sorted(root.rglob("*.[ch]")):
        folder = path.relative_to(root).parts[0]
        files += 1
        if folder not in RANK:
            print(f"{path}: folder '{folder}' has no column in {__file__}")
            bad += 1
            continue
        for no, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+"([a-z0-9_]+)/', line)
            other = m and m.group(1)
            if not other or other == folder:
                continue
            if other not in RANK or RANK[other] >= RANK[folder]:
                print(f"{path}:{no}: {folder} must not include {other}")
                bad += 1
    if files == 0:
        print(f"no C files below {root}")
        bad = 1
    print(f"include directions: {files} files, {bad} faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
