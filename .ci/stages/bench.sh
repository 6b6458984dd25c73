# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash source=.ci/stages/lib.sh
# The bench runs and writes the rows it promises; no figure is judged here.
. .ci/stages/lib.sh
shape() {
    build/g20 bench --quick --quiet --json "$G20_OUT/bench.json" &&
        "$PYTHON" -c '
import json, sys
keys = {"row", "unit", "median", "p99", "peer", "peer_median", "ratio", "target", "met"}
rows = json.load(open(sys.argv[1]))
assert rows and all(keys <= set(r) for r in rows), rows
print(len(rows), "rows")' "$G20_OUT/bench.json"
}
check "g20 bench writes its rows" shape
