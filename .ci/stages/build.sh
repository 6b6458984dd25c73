# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# The build that users run: gcc, optimised, warnings are errors, web UI included.
. .ci/stages/lib.sh
configure build -Dweb=true
ninja -C build -j "$jobs"
