# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
. .ci/stages/lib.sh
tools/install_packages.sh all
