#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts test cases in a Meson test log and appends "passed failed skipped" to a file.

usage: ci_count.py --name NAME --status N TESTLOG.json COUNTS

A cmocka program counts as its cases; any other test as one. A program that died before its
summary is a failure, and so is a run that Meson calls failed without a failed case, or a log with no
test at all. With a NAME other than `unit` the run repeats tests that were counted before: it is one
check, plus each case that failed."""
import argparse
import json
import pathlib
import re
import sys


def cases(test):
    """(passed, failed, skipped) of one line of Meson's log."""
    text = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    result = test["result"]
    groups = re.findall(r"^\[=+\] (\d+) test\(s\) run\.", text, re.M)
    bad = 0 if result in ("OK", "EXPECTEDFAIL", "SKIP") else 1
    if not groups:
        return (0, 0, 1) if result == "SKIP" else (1 - bad, bad, 0)

    def total(word):
        return sum(int(n) for n in re.findall(rf"^\[  {word} ?\] (\d+) test\(s\)", text, re.M))

    failed, skipped = total("FAILED "), total("SKIPPED")
    passed = sum(int(n) for n in groups) - failed - skipped
    # Started is not ended: a crash after the first group of a program, or a bad exit code.
    return passed, max(failed, bad), skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--status", type=int, required=True, help="exit status of meson test")
    parser.add_argument("log", type=pathlib.Path)
    parser.add_argument("counts", type=pathlib.Path)
    args = parser.parse_args()

    lines = args.log.read_text().splitlines() if args.log.exists() else []
    total = [0, 0, 0]
    skipped_in = []
    for line in lines:
        test = json.loads(line)
        counted = cases(test)
        total = [a + b for a, b in zip(total, counted)]
        if counted[2]:
            skipped_in.append(f"{test['name']} ({counted[2]})")
    if args.status != 0 and total[1] == 0:
        total[1] = 1
    if skipped_in:
        print("SKIPPED:", ", ".join(skipped_in))
    print(f"{args.name}: {len(lines)} programs, {total[0]} cases passed, {total[1]} failed, "
          f"{total[2]} skipped")
    if not lines:
        print("error: no test ran")
        total[1] = max(total[1], 1)
    if args.name != "unit":
        total = [0 if total[1] else 1, total[1], 0]
    with args.counts.open("a") as out:
        print(*total, file=out)
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.exit(main())
