# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# Checks that read the tree and build nothing.
. .ci/stages/lib.sh
check "include directions" "$PYTHON" tools/check_includes.py .
check "banned calls, licence lines, length" "$PYTHON" tools/check_source.py .
check "each module has its tests" "$PYTHON" tools/check_tests.py .
check "packages.txt has what the build asks for" "$PYTHON" tools/check_packages.py .
check "layout (clang-format)" tools/format.sh --check
check "shell scripts (shellcheck)" shellcheck tools/*.sh models/*.sh .ci/run .ci/stages/*.sh
"$PYTHON" tools/ci_unittest.py tests/tools "$G20_COUNTS"
