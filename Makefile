# SPDX-License-Identifier: Apache-2.0
# The front door. `make demo` and `make check` install what they need, build, and run.
BUILD   := build
DATA    := $(CURDIR)/$(BUILD)/data
TEST_DATA ?= $(CURDIR)/../shared/data
SCENE   ?=
JOBS    ?= $(shell nproc)
CTEST   := ctest --test-dir $(BUILD) --output-on-failure --no-tests=error
export HLS_DATA_DIR := $(DATA)
export HLS_TEST_DATA := $(TEST_DATA)
export PATH := $(CURDIR)/$(BUILD)/bin:$(PATH)

.PHONY: all deps build tables demo check drills bench lint tidy install clean

all: build

deps:  ## install the Debian packages that are missing (as root or through sudo)
	@scripts/install-deps

$(BUILD)/build.ninja:
	@cmake --preset release

build: $(BUILD)/build.ninja
	@cmake --build $(BUILD) -j $(JOBS)

tables: build  ## radiative-transfer tables of both sensors, made once
	@for sensor in oli msi; do hls-lasrc tables --sensor $$sensor --skip-existing >/dev/null || exit; done

demo: deps build  ## Level-1 to surface reflectance; SCENE=<folder> runs a granule of yours
	@scripts/demo "$(SCENE)"

check: deps build lint tables  ## everything CI wants to know
	@$(CTEST) -LE drill

drills: deps build tables  ## the full counts
	@$(CTEST) -L drill -V

bench: deps build tables
	@tests/bench/run

lint:
	@scripts/check-layers
	@shellcheck $$(git grep -lE "^\#!.*(bash|bats)")
	@clang-format --dry-run --Werror $$(git ls-files '*.cpp' '*.hpp')

tidy: build  ## clang-tidy over everything, some minutes
	@git ls-files 'lib/*.cpp' 'tools/*.cpp' | xargs -P $(JOBS) -n 4 clang-tidy -p $(BUILD) --quiet

install: build  ## PREFIX=/usr/local DESTDIR=
	@cmake --install $(BUILD) $(if $(PREFIX),--prefix $(PREFIX))

clean:
	@rm -rf $(BUILD)
