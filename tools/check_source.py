#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what the compiler does not: banned calls, licence lines, unkept promises, length.

usage: check_source.py [ROOT]

In src/ and include/: the calls of BANNED, outside the files that may use them. Everywhere: the SPDX
lines, and no to-do mark without an issue number. Files over 300 lines and functions over 60 are listed;
a file over 600 is a fault, unless its opening comment has a line with "Long because"."""
import argparse
import pathlib
import re
import sys

OWN = ("src", "include", "tests", "fuzz", "bench", "tools", "web", ".ci", ".github")
NOT_OWN = {"node_modules", "dist", "generated", "corpus", "regression", "__pycache__"}

GENERATOR = re.compile(r".*/gen_\w+\.c$")  # runs at build time and writes a file: a program of its own

# pattern of a call -> (where it may stand, what to use instead)
BANNED = [
    (r"malloc|calloc|realloc|free|strdup|strndup|aligned_alloc|posix_memalign|asprintf|vasprintf",
     ("src/base/alloc.c",), "base/alloc.h, so that tests can make it fail"),
    (r"strcpy|strcat|stpcpy|strncpy|strncat|sprintf|vsprintf|gets|alloca|strtok", (),
     "a bounded call (snprintf, memcpy with a checked size, strtok_r)"),
    (r"atoi|atol|atoll|atof|scanf|sscanf|fscanf", (), "a strict parser that sees trailing text"),
    (r"rand|srand|random|srandom|drand48", (), "base/rng.h: seeded and passed in"),
    (r"system|popen|tmpnam|mktemp", (), "no shell, no guessable names"),
    (r"perror|printf|vprintf|puts|putchar", ("src/app/", GENERATOR), "base/log.h, or a FILE * passed in"),
    (r"exit|abort|_exit|quick_exit", ("src/app/", GENERATOR), "a negative return value: a library never ends "
                                                   "the process"),
]
SPDX_LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
SPDX_OWNER = "SPDX-FileCopyrightText: "
TODO = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!.*#\d)")
LONG_FILE, LONGEST_FILE, LONG_FUNCTION = 300, 600, 60


def blank_comments_and_strings(text):
    """The same lines with comments, strings and character constants replaced by spaces."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return token.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def own_files(root):
    for top in OWN:
        for path in sorted((root / top).rglob("*")) if (root / top).is_dir() else []:
            if path.is_file() and not NOT_OWN & set(path.relative_to(root).parts):
                yield path


def banned_calls(name, text):
    for no, line in enumerate(blank_comments_and_strings(text).splitlines(), 1):
        for pattern, allowed, instead in BANNED:
            if any(name.startswith(a) if isinstance(a, str) else a.match(name) for a in allowed):
                continue
            # A member or a longer name (p->free, g20_free) is not the call; neither is
            # __attribute__((format(printf, ...))).
            m = re.search(rf"(?<![\w.>])({pattern})\s*\(", line)
            if m:
                yield f"{name}:{no}: {m.group(1)}(): use {instead}"


def licence(name, text):
    head = "\n".join(text.splitlines()[:6])
    if name.endswith((".c", ".h")) and (SPDX_LICENCE not in head or SPDX_OWNER not in head):
        yield f"{name}:1: wants the two SPDX lines"
    elif name.endswith((".py", ".sh", ".ts", ".svelte", "meson.build")) and SPDX_LICENCE not in head:
        yield f"{name}:1: wants '{SPDX_LICENCE}'"


def long_functions(name, text):
    """Functions by the layout that clang-format gives them: braces of their own in column one."""
    start, lines = None, text.splitlines()
    for no, line in enumerate(lines, 1):
        if line == "{":
            start = no
        elif line == "}" and start:
            if no - start - 1 > LONG_FUNCTION:
                yield f"{name}:{start - 1}: function of {no - start - 1} lines"
            start = None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", default=".", type=pathlib.Path)
    root = parser.parse_args().root

    faults, notes, files = [], [], 0
    for path in own_files(root):
        name = path.relative_to(root).as_posix()
        if not name.endswith((".c", ".h", ".py", ".sh", ".ts", ".svelte", ".css", "meson.build")):
            continue
        text = path.read_text(encoding="utf-8")
        files += 1
        faults += licence(name, text)
        if name.startswith(("src/", "include/")) and name.endswith((".c", ".h")):
            faults += banned_calls(name, text)
            notes += long_functions(name, text)
        if not name.startswith(("tools/check_source.py", "tests/tools/")):
            faults += [f"{name}:{no}: {line.strip()[:60]}: give the issue number"
                       for no, line in enumerate(text.splitlines(), 1) if TODO.search(line)]
        count = text.count("\n")
        if count > LONGEST_FILE and "Long because" not in "\n".join(text.splitlines()[:30]):
            faults.append(f"{name}: {count} lines; over {LONGEST_FILE} needs 'Long because ...' "
                          "in the opening comment, or a cut")
        elif count > LONG_FILE:
            notes.append(f"{name}: {count} lines")
    if files == 0:
        faults.append(f"no source files below {root}")
    for note in notes:
        print("note:", note)
    for fault in faults:
        print(fault)
    print(f"source: {files} files, {len(notes)} long, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
