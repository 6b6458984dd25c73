#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each src/a/b.c has tests/a/test_b.c that its meson.build lists; each fuzz target is listed and has seeds.

usage: check_tests.py [--report] [ROOT]

tests/without.txt names the modules that need no test of their own, one a line: `src/a/b.c  why`. A line
there whose module has a test, or is gone, is a fault too. --report: say it, but exit 0."""
import argparse
import pathlib
import re
import sys


def listed(folder, name):
    build = folder / "meson.build"
    return build.exists() and re.search(rf"['/]{re.escape(name)}['.]", build.read_text()) is not None


def excused(root):
    path = root / "tests" / "without.txt"
    reasons = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        line = line.split("#")[0].strip()
        if line:
            module, _, why = line.partition(" ")
            reasons[module] = why.strip()
    return reasons


def faults_of(root):
    reasons = excused(root)
    modules = sorted(p.relative_to(root).as_posix() for p in (root / "src").rglob("*.c"))
    for module in modules:
        folder, stem = module.split("/")[1], pathlib.Path(module).stem
        test = root / "tests" / folder / f"test_{stem}.c"
        if test.exists() and module in reasons:
            yield f"tests/without.txt: {module} has a test: drop the line"
        elif module in reasons and not reasons[module]:
            yield f"tests/without.txt: {module}: say why"
        elif module not in reasons and not test.exists():
            yield f"{module}: no {test.relative_to(root)}"
    for module in reasons:
        if module not in modules:
            yield f"tests/without.txt: {module} does not exist"
    for test in sorted((root / "tests").glob("*/test_*.c")):
        if not listed(test.parent, test.stem) and not listed(test.parent, test.stem[5:]):
            yield f"{test.relative_to(root)}: never built: not in its meson.build"
    for target in sorted((root / "fuzz").glob("fuzz_*.c")):
        parser = target.stem[5:]
        if not listed(root / "fuzz", parser):
            yield f"{target.relative_to(root)}: never built: not in fuzz/meson.build"
        corpus = root / "fuzz" / "corpus" / parser
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield f"{target.relative_to(root)}: no seeds in fuzz/corpus/{parser}"
    if not modules:
        yield f"no modules below {root / 'src'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("root", nargs="?", default=".", type=pathlib.Path)
    args = parser.parse_args()

    faults = list(faults_of(args.root))
    for fault in faults:
        print(fault)
    print(f"tests: {len(faults)} faults")
    return 1 if faults and not args.report else 0


if __name__ == "__main__":
    sys.exit(main())
