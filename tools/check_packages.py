#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each dependency('x') in a meson.build comes from a package that packages.txt names.

usage: check_packages.py [ROOT]

Asks dpkg which package holds x.pc, so it says what is missing on a bare machine before one is tried.
Also: no package twice, and each with a reason."""
import argparse
import pathlib
import re
import subprocess
import sys

BUILT_IN = {"threads"}  # Meson's own, no .pc file


def packages(root):
    """{package: (group, reason)} and the faults of the list itself."""
    found, faults, group = {}, [], None
    for no, line in enumerate((root / "packages.txt").read_text().splitlines(), 1):
        body, _, reason = line.partition("#")
        words = body.split()
        if not words:
            continue
        if words[0].startswith("["):
            group = words[0].strip("[]")
            continue
        if words[0] in found:
            faults.append(f"packages.txt:{no}: {words[0]} is listed twice")
        if not reason.strip():
            faults.append(f"packages.txt:{no}: {words[0]}: say why")
        found[words[0]] = (group, reason.strip())
    return found, faults


def owner_of(name):
    """The package of NAME.pc on this machine, or None."""
    run = subprocess.run(["dpkg", "-S", f"*/pkgconfig/{name}.pc"], capture_output=True, text=True)
    return run.stdout.split(":")[0] if run.returncode == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", default=".", type=pathlib.Path)
    root = parser.parse_args().root

    have, faults = packages(root)
    names = {}
    for path in [root / "meson.build", *sorted(root.glob("[!b]*/**/meson.build")),
                 *sorted(root.glob("bench/**/meson.build"))]:
        for name in re.findall(r"\bdependency\('([^']+)'", path.read_text()):
            names.setdefault(name, path.relative_to(root))
    for name, where in sorted(names.items()):
        if name in BUILT_IN:
            continue
        owner = owner_of(name)
        if owner is None:
            faults.append(f"{where}: dependency('{name}'): no installed package has {name}.pc")
        elif owner not in have:
            faults.append(f"{where}: dependency('{name}') is in {owner}, which packages.txt lacks")
    for fault in faults:
        print(fault)
    print(f"packages: {len(have)} listed, {len(names)} dependencies, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
