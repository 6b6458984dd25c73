#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy over our own C files that a build compiles, one process a core; .clang-tidy has the checks.
#
# usage: tools/tidy.sh BUILD [FILE...]
set -eu
cd "$(dirname "$0")/.."
[ -f "${1:-}/compile_commands.json" ] || {
    sed -n '3,5s/^# \{0,1\}//p' tools/tidy.sh
    exit 64
}
build=$1
shift
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # our file names have no spaces
    set -- $(sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$build/compile_commands.json" |
        sed 's#^\(\.\./\)*##' | grep -E '^(src|fuzz|bench)/' | sort -u)
fi
[ $# -gt 0 ] || {
    echo "tidy: $build compiles no file of ours" >&2
    exit 1
}
printf '%s\0' "$@" | xargs -0 -n 4 -P "$(nproc)" clang-tidy --quiet -p "$build"
echo "tidy: $# files"
