# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# clang's warnings as errors, then clang-tidy over each of our files. Leaves the build that `asan`
# and `fuzz` use.
. .ci/stages/lib.sh
configure_clang
check "clang, warnings as errors" ninja -C build/clang -j "$jobs"
check "clang-tidy" tools/tidy.sh build/clang
