#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The shipped tile network (hydra 3): its layers begin with the weights of hydra 2 where they are alike, and learn on; its INT8
# version; the trunk of the second look. Hydra 2 was trained from nothing, in four hours, by this file as it was in $hydra2.
#
# usage: models/recipe.sh [PATH_OF_G20] [FOLDER]
#
# About an hour and a half on two cores. It may be stopped and started again: it goes on where it was.
set -euo pipefail
g20=${1:-build/g20} folder=${2:-build/training}
hydra2=4fb4039
mkdir -p "$folder"
[ -s "$folder/hydra-2.onnx" ] ||
    git -C "$(dirname "$0")" show "$hydra2:models/hydra.onnx" >"$folder/hydra-2.onnx"
"$g20" train backbone -o "$folder/backbone.ckpt" --from "$folder/hydra-2.onnx" --hold 400 --seed 5 \
    --steps 40000 --rate 8e-4 --check 1000 --pool 400 --batch 10 --fresh 5 --validation 64
"$g20" model export "$folder/backbone.ckpt" -o "$folder/hydra.onnx" --name hydra \
    --model-version 3 --threshold 0.60 --note "models/recipe.sh"
"$g20" model quantize "$folder/hydra.onnx" -o "$folder/hydra-int8.onnx"
"$g20" train trunk -o "$folder/trunk.ckpt" -m "$folder/hydra-look.onnx" --seed 2 --scenes 3000 \
    --validation 200 --steps 9000 --check 1000
