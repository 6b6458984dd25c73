# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by the stages; each starts with `. .ci/stages/lib.sh`.
# shellcheck shell=bash
set -euo pipefail
cd "$G20_ROOT"
jobs=$(nproc)

# configure DIR MESON-OPTION...: a build folder under build/, made or brought up to date.
configure() {
    local dir=$1
    shift
    if [ -f "$dir/build.ninja" ]; then
        meson configure "$dir" "$@"
    else
        rm -rf "$dir/meson-private" # left by a setup that failed
        meson setup "$dir" "$@"
    fi
}

# meson_tests NAME DIR MESON-TEST-ARGUMENT...: runs tests and counts their cases (tools/ci_count.py).
# NAME `unit` counts every case; any other name is a rerun and counts as one check, plus one for
# each case that failed, so that the total counts each case once.
meson_tests() {
    local name=$1 dir=$2 status=0
    shift 2
    rm -f "$dir"/meson-logs/testlog.json
    # shellcheck disable=SC2086 # nothing, or a command that runs another
    ${MESON_UNDER:-} meson test -C "$dir" --no-rebuild --print-errorlogs --num-processes "$jobs" "$@" || status=$?
    "$PYTHON" tools/ci_count.py --name "$name" --status $status "$dir/meson-logs/testlog.json" \
        "$G20_COUNTS"
}

skip() { # skip WHY: one counted, visible skip
    echo "SKIPPED: $*"
    echo "0 0 1" >>"$G20_COUNTS"
}

check() { # check WHAT COMMAND...: one counted check; a failure does not end the stage
    local what=$1
    shift
    if "$@"; then
        echo "ok      $what"
        echo "1 0 0" >>"$G20_COUNTS"
    else
        echo "FAILED: $what"
        echo "0 1 0" >>"$G20_COUNTS"
    fi
}

# One clang build serves warnings, clang-tidy, the sanitizers and the fuzzers.
configure_clang() {
    CC=clang configure build/clang -Dweb=false -Dfuzz=true -Db_sanitize=address,undefined \
        -Db_lundef=false -Doptimization=1 -Dc_args=-fno-sanitize-recover=undefined
}
