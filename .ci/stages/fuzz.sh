# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# Every fuzz target for a short while, starting from its seeds. G20_FUZZ_SECONDS: 10 each.
. .ci/stages/lib.sh
configure_clang
ninja -C build/clang -j "$jobs"
targets=$("$PYTHON" tools/fuzz.py --list build/clang)
if [ -z "$targets" ]; then
    skip "no fuzz targets yet"
fi
# One on each core; a target's output and its verdict come together, in one piece.
fuzz_one() {
    local said
    if said=$("$PYTHON" tools/fuzz.py --seconds "${G20_FUZZ_SECONDS:-10}" build/clang "$1" 2>&1); then
        printf '%s\nok      fuzz %s\n' "$said" "$1"
        echo "1 0 0" >>"$G20_COUNTS"
    else
        printf '%s\nFAILED: fuzz %s\n' "$said" "$1"
        echo "0 1 0" >>"$G20_COUNTS"
    fi
}
export -f fuzz_one
# shellcheck disable=SC2016 # $1 is of the inner shell
printf '%s\n' "$targets" | xargs -r -P "$jobs" -n 1 bash -c 'fuzz_one "$1"' fuzz
