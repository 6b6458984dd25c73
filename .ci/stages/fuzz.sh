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
for target in $targets; do
    check "fuzz $target" "$PYTHON" tools/fuzz.py --seconds "${G20_FUZZ_SECONDS:-10}" \
        build/clang "$target"
done
