# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# Unit and integration tests, on the build that users run.
. .ci/stages/lib.sh
meson_tests unit build
