# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# Types and layout of the web UI, its unit tests, then its tests in a browser. The build stage has
# made build/web and installed the packages.
. .ci/stages/lib.sh
cd web || exit 1

counted() { # counted WHAT COMMAND...: adds the "N passed, N failed, N skipped" of its last line
    local what=$1 status=0 line out=$G20_OUT/browser.out
    shift
    "$@" >"$out" || status=$? # not tee /dev/stderr: that would truncate the stage's log
    cat "$out"
    line=$(tail -n 1 "$out")
    if [[ "$line" =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]} ${BASH_REMATCH[3]}" >>"$G20_COUNTS"
    else
        echo "FAILED: $what ended without its counts (status $status)"
        echo "0 1 0" >>"$G20_COUNTS"
    fi
}

check "web: types and layout" npm run --silent check
G20_COLORMAPS="$G20_ROOT/build/src/dsp/colormaps.json" \
    check "web: unit tests" node node_modules/vitest/vitest.mjs run
counted "web: browser tests" node tests/e2e/run.mjs "$G20_ROOT/build/web"
counted "web: browser tests on the daemon" node tests/e2e/daemon.mjs "$G20_ROOT/build/g20"
