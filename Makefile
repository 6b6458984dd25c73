# SPDX-License-Identifier: GPL-3.0-or-later
# A thin front door: Meson builds, .ci/run tests. `make help` lists the targets.
#
#   make run                          the scene at http://127.0.0.1:…, no radio needed
#   make run G20="--set KEY=VALUE"    with other options
#   make test                         every check, as CI does

SHELL := /bin/bash
PYTHON := /usr/bin/python3
BUILD := build
G20 :=
FUZZ_SECONDS := 600

.DEFAULT_GOAL := build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

packages: ## install the packages of packages.txt that are missing
	@tools/install_packages.sh all

run: packages-build build ## install what is missing, build, start the daemon on the scene
	$(BUILD)/g20 serve $(G20)

test: ## install what is missing, build everything, run all tests
	@.ci/run

build: ## the program at build/g20, web UI included
	@if [ -f $(BUILD)/build.ninja ]; then meson configure $(BUILD) -Dweb=true; \
	else meson setup $(BUILD) -Dweb=true; fi
	ninja -C $(BUILD)

check: build ## unit tests and source checks: the quick loop while working
	meson test -C $(BUILD) --print-errorlogs
	@.ci/run source

asan tsan coverage fuzz lint bench: ## one stage of .ci/run
	@.ci/run $@

fuzz-long: ## each fuzz target for FUZZ_SECONDS (600)
	@G20_FUZZ_SECONDS=$(FUZZ_SECONDS) G20_NO_LIMIT=1 .ci/run fuzz

format: ## lay out the C files
	tools/format.sh

clean: ## everything built
	rm -rf build web/dist web/node_modules tests/onnxruntime/node_modules

packages-build:
	@tools/install_packages.sh build

.PHONY: help packages packages-build run test build check asan tsan coverage fuzz lint bench \
	fuzz-long format clean
