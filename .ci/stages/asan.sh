# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# All tests again under the address, leak and undefined-behaviour sanitizers.
. .ci/stages/lib.sh
configure_clang
ninja -C build/clang -j "$jobs"
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
meson_tests asan build/clang --timeout-multiplier 5 --no-suite training --no-suite plain
