#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The shipped tile network, trained again from nothing: three trainings and an export; its INT8 version; the trunk of the second look.
#
# usage: models/recipe.sh [PATH_OF_G20] [FOLDER]
#
# About four hours on two cores. It may be stopped and started again: it goes on where it was.
set -euo pipefail
g20=${1:-build/g20} folder=${2:-build/training}
mkdir -p "$folder"
"$g20" train backbone -o "$folder/first.ckpt" --seed 1 --steps 9000 --check 500 \
    --pool 300 --batch 10 --fresh 5
"$g20" train backbone -o "$folder/second.ckpt" --from "$folder/first.ckpt.best" --seed 2 \
    --steps 24000 --rate 7e-4 --check 1000 --pool 400 --batch 10 --fresh 4
"$g20" train backbone -o "$folder/third.ckpt" --from "$folder/second.ckpt" --seed 3 \
    --steps 30000 --rate 6e-4 --check 1000 --pool 500 --batch 10 --fresh 2 --validation 96
"$g20" model export "$folder/third.ckpt" -o "$folder/hydra.onnx" --name hydra \
    --model-version 2 --threshold 0.60 --note "models/recipe.sh"
"$g20" model quantize "$folder/hydra.onnx" -o "$folder/hydra-int8.onnx"
"$g20" train trunk -o "$folder/trunk.ckpt" -m "$folder/hydra-look.onnx" --seed 2 --scenes 3000 \
    --validation 200 --steps 9000 --check 1000
