#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Lays out our C files as .clang-format says.
#
# usage: tools/format.sh [--check]     --check changes nothing and fails if anything would change
set -eu
cd "$(dirname "$0")/.."
case ${1:-} in
--check) mode="--dry-run --Werror" ;;
"") mode=-i ;;
*)
    sed -n '3,5s/^# \{0,1\}//p' tools/format.sh
    [ "$1" = --help ] && exit 0
    exit 64
    ;;
esac
# shellcheck disable=SC2086 # one word an option
# shellcheck disable=SC2046 # nothing, or one word
find src tests fuzz bench $([ ! -d include ] || echo include) \( -name '*.c' -o -name '*.h' \) -print0 |
    xargs -0 -r clang-format --style=file $mode
