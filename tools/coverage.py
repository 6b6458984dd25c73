#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Line coverage of src/ from a --coverage build whose tests have run, against coverage.txt.

usage: coverage.py [--html FOLDER] BUILD
       coverage.py --gcov GCOV-ARGUMENT...   gcov as gcovr calls it, with no count below zero

coverage.txt holds the lowest percentage allowed. It may only rise: the check also compares it with
the value it had in the last commits, where git knows them.

Counters are not atomic, which would make the kernels' loops five times slower: threads that race for
one lose counts, and gcov, which works lines out as differences of arcs, may then print a negative
one. Such a line ran."""
import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def floor_of(text):
    """The figure in a coverage.txt: its only line that is no comment."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return float([line for line in lines if line][0])


def highest_committed():
    """The highest floor in history; 0 without history (a shallow clone has little)."""
    log = subprocess.run(["git", "-C", str(ROOT), "log", "-p", "--format=", "--", "coverage.txt"],
                         capture_output=True, text=True)
    return max([float(n) for n in re.findall(r"^\+(\d+(?:\.\d+)?)", log.stdout, re.M)] or [0.0])


def gcov(arguments):
    """Runs gcov here and mends what it wrote."""
    run = subprocess.run(["gcov", *arguments], stdout=subprocess.PIPE, text=True)
    for name in re.findall(r"^Creating '(.+)'$", run.stdout, re.M):
        path = pathlib.Path(name)
        text = re.sub(r"^( *)-(\d+\*?:)", r"\1\2", path.read_text(), flags=re.M)
        path.write_text(re.sub(r"^((?:branch|call|function).* )-(\d+)\b", r"\1\2", text, flags=re.M))
    sys.stdout.write(run.stdout)
    return run.returncode


def measure(build, html):
    command = ["gcovr", "--root", str(ROOT), "--filter", str(ROOT / "src"), "--object-directory",
               str(build), "--gcov-executable", f"{sys.executable} {pathlib.Path(__file__).resolve()} --gcov", "--exclude-unreachable-branches",
               "--json-summary", str(build / "coverage.json")]
    if html:
        html.mkdir(parents=True, exist_ok=True)
        command += ["--html-details", str(html / "index.html")]
    subprocess.run(command + [str(build)], check=True, stdout=subprocess.DEVNULL)
    return json.loads((build / "coverage.json").read_text())


def main():
    if sys.argv[1:2] == ["--gcov"]:
        return gcov(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--html", type=pathlib.Path, help="also write pages with every line")
    parser.add_argument("build", type=pathlib.Path)
    args = parser.parse_args()

    report = measure(args.build.resolve(), args.html)
    if report["line_total"] == 0:
        print("error: no coverage data: have the tests run?")
        return 1
    for entry in sorted(report["files"], key=lambda f: f["line_percent"] or 0.0):
        print(f"{entry['line_percent'] or 0.0:6.1f} %  {entry['line_covered']:5} of "
              f"{entry['line_total']:5}  {entry['filename']}")
    floor, now = floor_of((ROOT / "coverage.txt").read_text()), report["line_percent"]
    print(f"coverage: {now:.1f} % of {report['line_total']} lines, floor {floor:.1f} %")
    if floor < highest_committed():
        print(f"error: coverage.txt was {highest_committed():.1f} % and may not fall")
        return 1
    if now < floor:
        print("error: below the floor: add tests")
        return 1
    if now >= floor + 2.0:
        print(f"note: coverage.txt may rise to {now - 1.0:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
