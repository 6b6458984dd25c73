#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one fuzz target of a build made with -Dfuzz=true, from its seeds and past crashes.

usage: fuzz.py --list BUILD
       fuzz.py [--seconds N] BUILD TARGET

New inputs stay in BUILD/fuzz/found/<target>, so a longer run goes on where the last one stopped. A crash
is left in BUILD/fuzz/crash-<target>-*: fix it and commit it as fuzz/regression/<target>/<what>."""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("target", nargs="?")
    args = parser.parse_args()

    folder = args.build.resolve() / "fuzz"
    if args.list:
        print("\n".join(sorted(p.name[5:] for p in folder.glob("fuzz_*") if p.is_file())))
        return 0
    if not args.target:
        parser.error("which TARGET? --list names them")
    found = folder / "found" / args.target
    found.mkdir(parents=True, exist_ok=True)
    seeds = [ROOT / "fuzz" / kind / args.target for kind in ("corpus", "regression")]
    command = [str(folder / f"fuzz_{args.target}"), str(found), *(str(s) for s in seeds if s.is_dir()),
               f"-max_total_time={args.seconds}", "-timeout=10", "-rss_limit_mb=2048", "-max_len=65536",
               "-print_final_stats=1", f"-artifact_prefix={folder}/crash-{args.target}-"]
    # The time limit is libFuzzer's own; ours only catches a target that ignores it.
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=args.seconds + 120, cwd=folder)
    text = run.stdout.decode("utf-8", "replace").splitlines()
    print("\n".join(text[-60:] if run.returncode else
                    [line for line in text if line.startswith(("stat::number", "stat::average"))]))
    return 1 if run.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
