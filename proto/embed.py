#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of file descriptors (protoc --descriptor_set_out) as a table in C, for server reflection.

usage: embed.py SET OUT.c      the wire format is read here: no package is needed to build"""
import sys


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 2:
            size, at = varint(data, at)
            yield key >> 3, data[at:at + size]
            at += size
        elif key & 7 == 0:
            _, at = varint(data, at)
        else:
            at += {1: 8, 5: 4}[key & 7]


def one(data, number):
    return next((v for k, v in fields(data) if k == number), b"").decode()


def message(data, prefix):
    name = prefix + one(data, 1)
    yield name
    for k, v in fields(data):
        if k == 3:
            yield from message(v, name + ".")
        elif k == 4:
            yield name + "." + one(v, 1)


def symbols(file):
    """Fully qualified names: messages, enums, services and their methods."""
    package = one(file, 2)
    prefix = package + "." if package else ""
    for k, v in fields(file):
        if k == 4:
            yield from message(v, prefix)
        elif k == 5:
            yield prefix + one(v, 1)
        elif k == 6:
            service = prefix + one(v, 1)
            yield service
            for number, method in fields(v):
                if number == 2:
                    yield service + "." + one(method, 1)


def main():
    with open(sys.argv[1], "rb") as f:
        files = [v for k, v in fields(f.read()) if k == 1]
    out = ['/* Made by proto/embed.py. */', '#include "descriptors.h"', ""]
    for i, file in enumerate(files):
        out.append(f"static const unsigned char file{i}[] = {{")
        out += ["    " + ", ".join(map(str, file[at:at + 24])) + "," for at in range(0, len(file), 24)]
        out.append("};")
        out.append(f"static const char *const symbols{i}[] = {{" +
                   "".join(f'"{s}", ' for s in symbols(file)) + "0};")
        out.append(f"static const char *const needs{i}[] = {{" +
                   "".join(f'"{v.decode()}", ' for k, v in fields(file) if k == 3) + "0};")
    out.append("const struct g20_descriptor g20_descriptors[] = {")
    out += [f'    {{"{one(file, 1)}", file{i}, sizeof(file{i}), symbols{i}, needs{i}}},'
            for i, file in enumerate(files)]
    out += ["};", f"const unsigned g20_descriptor_count = {len(files)};", ""]
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write("\n".join(out))


main()
