#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the Python tests of a folder and appends "passed failed skipped" to a file.

usage: ci_unittest.py FOLDER [COUNTS]"""
import argparse
import pathlib
import sys
import unittest


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("counts", type=pathlib.Path, nargs="?")
    args = parser.parse_args()

    suite = unittest.defaultTestLoader.discover(args.folder)
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    if result.testsRun == 0:
        print("error: no test ran")
        failed = 1
    if args.counts:
        with args.counts.open("a") as out:
            print(max(result.testsRun - failed - skipped, 0), failed, skipped, file=out)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
