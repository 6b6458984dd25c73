# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
. .ci/stages/lib.sh
tools/install_packages.sh all
# For the tests of models of others: 33 MB. Without the network they are skipped, named and counted.
if [ ! -d tests/onnxruntime/node_modules/onnxruntime-node ]; then
    (cd tests/onnxruntime && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 --loglevel=error) ||
        echo "ONNX Runtime could not be installed: its tests will be skipped"
fi
