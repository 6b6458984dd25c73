# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# Line coverage of src/ by all tests, not below the figure in coverage.txt.
. .ci/stages/lib.sh
# gcc would make the counters of a program with threads atomic: see tools/coverage.py.
configure build/coverage -Dweb=false -Db_coverage=true -Doptimization=1 \
    -Dc_args=-fprofile-update=single
ninja -C build/coverage -j "$jobs"
find build/coverage -name '*.gcda' -delete
meson_tests coverage build/coverage --timeout-multiplier 3 --no-suite plain
check "coverage not below coverage.txt" "$PYTHON" tools/coverage.py build/coverage
