# What a checkout can do. Every target prepares what it needs; the tools' own rules are in service/pyproject.toml.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN := .venv/bin
CONFIG := service/pyproject.toml
PYTEST := $(BIN)/pytest -c $(CONFIG) --rootdir . --expected-skips tests/house/expected-skips.txt
LANES := -p lanes --numprocesses auto --maxprocesses 4 --dist loadscope
SCRIPTS := .ci/run service/setup/apt service/setup/venv service/share/demo/run
SCRIPTS += $(addprefix recipes-tests/bitbake/host/,aclocal confine useradd pseudo/usr/bin/pseudo)

.PHONY: help setup deps dev demo check test test-arm64 test-bitbake soak soak-bus soak-player bench-offload bench-pcm bench-policy bench-session format check-sdists clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## prepare .venv/bin/audiobus
	@service/setup/venv

deps: ## install the Debian packages that `make test` needs (as root; otherwise print the line)
	@service/setup/apt setup alsa test guest

dev: deps
	@service/setup/venv dev alsa

demo: setup ## play an MP3 and a FLAC through the virtual DSP, undecoded
	@service/share/demo/run

check: ## run the linters: style, types, layers, shell scripts, recipes
	@service/setup/venv dev
	$(BIN)/ruff check --config $(CONFIG) .
	$(BIN)/ruff format --config $(CONFIG) --check .
	$(BIN)/mypy --config-file $(CONFIG) service/src service/share tests recipes-tests
	$(BIN)/lint-imports --no-logo --config $(CONFIG)
	$(BIN)/shellcheck $(SCRIPTS)
	PYTHONPATH=recipes-tests $(BIN)/python -m layer.lint

test: dev check ## run the linters and every test, those in a QEMU guest too
	$(PYTEST) $(LANES) tests recipes-tests

test-arm64: dev ## run the smoke features in an aarch64 guest
	@service/setup/apt guest-arm64
	GUEST_ARCH=aarch64 $(PYTEST) recipes-tests/test_smoke_*.py

test-bitbake: ## parse, check and build the layer with the real bitbake (OE_LAYERS=FOLDER, BITBAKE_BUILD=FOLDER, FULL=1)
	@service/setup/venv dev
	@$(BIN)/python recipes-tests/bitbake/harness check
	@service/setup/apt bitbake
	$(PYTEST) -m bitbake -o faulthandler_timeout=10000 recipes-tests/bitbake

soak: setup ## play 80 hours, then start, stop and kill a thousand times, in virtual time (SOAK="--hours 100")
	@service/setup/apt guest
	PYTHONPATH=recipes-tests $(BIN)/python -m soak $(SOAK)

soak-bus: dev ## kill ten thousand clients of a daemon while they do right and wrong (SOAK="--kills 1000 --seed 7")
	$(BIN)/python -m tests.daemon.soak $(SOAK)

soak-player: dev ## ask a player for twenty thousand things and break its DSP, in virtual time (SOAK="--deeds 1000 --seed 7")
	$(BIN)/python -m tests.client.soak $(SOAK)

bench-offload: setup ## count what playing costs, in a QEMU guest (BENCH="--profile --json FILE", CPLAYERS=DIR)
	@service/setup/apt guest bench
	$(BIN)/python recipes-tests/bench/offload $(BENCH)

bench-pcm: setup ## count what PCM streams cost beside PulseAudio and PipeWire, in a QEMU guest (BENCH="--json FILE")
	@service/setup/apt guest
	$(BIN)/python recipes-tests/bench/pcm $(BENCH)

bench-policy: setup ## count what a decision costs on a bus of 200 nodes, in a QEMU guest (BENCH="--json FILE")
	@service/setup/apt guest
	$(BIN)/python recipes-tests/bench/policy $(BENCH)

bench-session: setup ## measure the session manager's start and rest, on this machine (BENCH="--json FILE")
	$(BIN)/python recipes-tests/bench/session $(BENCH)

format: ## put the sources into the house's format
	@service/setup/venv dev
	$(BIN)/ruff check --config $(CONFIG) --fix-only --quiet .
	$(BIN)/ruff format --config $(CONFIG) .

check-sdists: ## compare the recipes' archives with what pip downloads (needs its registry)
	@service/setup/venv dev
	@PYTHONPATH=recipes-tests $(BIN)/python -m layer.sdists

clean: ## remove what was built and the environment (what kas has built stays)
	rm -rf .venv build/demo build/setup-*.log .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
