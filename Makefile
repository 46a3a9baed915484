# Runs on a fresh Debian 12 or Ubuntu with Swift 6.3 and git. `make help` lists the targets.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run test soak planted check fmt bench scale setup clean clients

# Seed of the built-in market, which `make run` replays unless DATA names recorded markets.
SEED ?= 7
# Folder of recorded markets, laid out as the documentation says.
DATA ?=
# Folder with the fixed workload: gen_data.py, limit.c and the expected figures.
WORKLOAD ?= ../shared/workload
# How many fault storms `make soak` lets pass, and where their seeds begin.
STORMS ?= 500
STORM_SEED ?= 1000
# How many minutes of worlds in virtual time come before them, and where their seeds begin.
MINUTES ?= 30
SEEDS_FROM ?= 1000000

ifeq ($(DATA),)
market := --seed $(SEED)
else
market := --data '$(DATA)' --venue binance --symbols BTCUSDT,ETHUSDT,XRPUSDT,SOLUSDT \
  --from 2024-01-01 --to 2025-01-01
endif

harvester := .build/release/harvester
sources := Sources Tests Package.swift
# Each Debian package with the file that shows it, or its like, is there.
packages := postgresql:/usr/lib/postgresql/*/bin/initdb libpq-dev:/usr/include/postgresql/libpq-fe.h \
  libcurl4-openssl-dev:/usr/include/*/curl/curl.h libssl-dev:/usr/include/openssl/evp.h \
  zlib1g-dev:/usr/include/zlib.h

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | \
	  awk -F ':.*## ' '{ printf "  make %-7s %s\n", $$1, $$2 }'

# Its books are a database of their own: harvester status --database-url demo reads them again.
run: export HARVESTER_DATABASE_URL := demo
run: setup ## Paper-trade a replayed market, then report funding and P&L (DATA=folder, SEED=7)
	@swift build -c release --product harvester
	@$(harvester) database start
	@$(harvester) run --fresh --yes $(market)
	@$(harvester) report funding --by symbol
	@$(harvester) report pnl --by symbol

test: packages += hledger:/usr/bin/hledger python3-venv:/usr/lib/python3*/ensurepip/__init__.py \
  libxgboost0:/usr/lib/*/libxgboost.so.0
test: setup check clients ## Run the checks and every test, PostgreSQL included
	@swift test --disable-xctest
	@swift build -c release --product harvester
	@$(harvester) simulate --seeds 300
	@$(harvester) simulate --exhaustive

soak: setup ## Worlds for MINUTES, then STORMS over the binaries and a real PostgreSQL
	@swift build -c release --product harvester
	@$(harvester) simulate --seed $(SEEDS_FROM) --minutes $(MINUTES)
	@swift build -c release --product venue-simulator
	@STORMS=$(STORMS) STORM_SEED=$(STORM_SEED) PROGRAMS='$(CURDIR)/.build/release' \
	  swift test --quiet --disable-xctest --filter LiveRuns.Storms

planted: ## Plant known bugs in a copy of the engine and count the seeds until each is found
	@swift run --quiet -c release planted-bugs 100

clients: .build/clients/done ## Install the venues' Python clients that tests trade with
.build/clients/done: Tests/LiveTests/clients/requirements.txt | setup
	@python3 -m venv --clear .build/clients
	@.build/clients/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

check: setup ## Check format, warnings and imports
	@swift format lint --strict --recursive --parallel $(sources)
	@swift build --build-tests --explicit-target-dependency-import-check error

fmt: ## Format the sources
	@swift format --in-place --recursive --parallel $(sources)

bench: setup ## Run the fixed workload beside its peers (WORKLOAD=folder that defines it)
	@swift build -c release --product benchmarks
	@.build/release/benchmarks all --workload '$(WORKLOAD)' --peers Sources/benchmarks/peers

scale: setup ## Time the reports over a ledger of ten million rows (5 minutes, 3 GB)
	@swift build -c release --product harvester
	@$(harvester) database start
	@$(harvester) database migrate --database-url scale
	@psql -q "$$($(harvester) database url --database-url scale)" -f Sources/benchmarks/ledger_scale.sql

# Debian starts a server of its own when PostgreSQL is first installed; a passing setting prevents
# that, so nothing but the private one of this project ever runs. Existing servers are left alone.
setup: ## Install the system packages that are missing, with apt
	@missing=; for item in $(packages); do \
	  compgen -G "$${item#*:}" > /dev/null || missing+=" $${item%%:*}"; \
	done; \
	[ -z "$$missing" ] && exit; \
	command -v apt-get > /dev/null || { echo "error: not installed ($${missing# });" \
	  "install with the package manager of this system" >&2; exit 1; }; \
	set -e; echo "Installing$$missing"; \
	as_root() { if [ "$$(id -u)" = 0 ]; then "$$@"; else sudo "$$@"; fi; }; \
	apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$$@" \
	  < /dev/null > /dev/null; }; \
	settings=/etc/postgresql-common/createcluster.d; \
	as_root mkdir -p $$settings; trap "as_root rm -f $$settings/harvester.conf" EXIT; \
	echo 'create_main_cluster = false' | as_root tee $$settings/harvester.conf > /dev/null; \
	apt update; apt install -y --no-install-recommends $$missing

clean: ## Stop the private database and remove build products; the books in .harvester stay
	@if [ -x $(harvester) ]; then $(harvester) database stop; fi
	@rm -rf .build
