# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
. .ci/stages/lib.sh
if [ ! -f web/package.json ]; then
    skip "no web UI yet"
    exit 0
fi
