# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# The tests again, most of all those that start threads, under the thread sanitizer.
. .ci/stages/lib.sh
configure build/tsan -Dweb=false -Db_sanitize=thread
ninja -C build/tsan -j "$jobs"
# A daemon too slow for its own 5 s ends with its threads running: said in its log, no leak to report.
export TSAN_OPTIONS=report_thread_leaks=0:halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tools/tsan.supp
# gcc 12's run time cannot map its shadow where the kernel randomises addresses more than it knows,
# so the tests run without that where we may ask for it.
if setarch -R true 2>/dev/null; then
    export MESON_UNDER="setarch -R"
fi
# grpc: libgrpc and its locks (absl) were built without the sanitizer, which then sees races in
# every call; ONNX Runtime too. paced: see tests/app/meson.build.
meson_tests tsan build/tsan --timeout-multiplier 5 --no-suite fuzz --no-suite one_thread --no-suite grpc \
    --no-suite paced --no-suite training --no-suite onnxruntime
