# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# Line coverage of src/ by all tests, not below the figure in coverage.txt.
. .ci/stages/lib.sh
# Counters are atomic: threads that race for them leave negative counts, which gcovr refuses.
configure build/coverage -Dweb=false -Db_coverage=true -Doptimization=1 \
    -Dc_args=-fprofile-update=atomic
ninja -C build/coverage -j "$jobs"
find build/coverage -name '*.gcda' -delete
meson_tests coverage build/coverage --timeout-multiplier 3
check "coverage not below coverage.txt" "$PYTHON" tools/coverage.py build/coverage
