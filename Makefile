# Kube Service Lab. `make help` lists what can be asked.
#
# Needed beforehand: rustup's stable Rust, Node 20 or newer, and apt (or Chromium and ChromeDriver installed otherwise).
# Everything else is brought into .tools/ and node_modules/ by the first target that needs it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# Versions. wasm-bindgen's must equal the one in Cargo.lock; binaryen's (wasm-opt) is in package.json.
TRUNK_VERSION := 0.21.14
WASM_BINDGEN_VERSION := 0.2.129

PORT ?= 8080
# Debian's places; the path in webdriver.json is the same.
BROWSER_HINT := make test CHROMIUM=/path/to/it CHROMEDRIVER=/path/to/it, with the same path in webdriver.json
CHROMIUM ?= /usr/bin/chromium
CHROMEDRIVER ?= /usr/bin/chromedriver
export CHROMIUM CHROMEDRIVER

WASM := wasm32-unknown-unknown
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
SUDO := $(if $(filter 0,$(shell id -u)),,$(shell command -v sudo))
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(PATH):$(HOME)/.cargo/bin
export TRUNK_SKIP_VERSION_CHECK := true
# trunk 0.21 refuses NO_COLOR=1; the others would override the release profile of Cargo.toml.
unexport NO_COLOR CARGO_PROFILE_RELEASE_LTO CARGO_PROFILE_RELEASE_CODEGEN_UNITS CARGO_PROFILE_RELEASE_OPT_LEVEL

# Test files that say wasm_bindgen_test run on wasm32 too; all others are native only.
WASM_TESTS := $(patsubst tests/%.rs,--test %,$(shell grep -l wasm_bindgen_test tests/*.rs))
PAGE_SOURCES := $(shell find src static lessons -type f) index.html Cargo.toml Cargo.lock Trunk.toml

##@ Look at it
serve: dist/index.html ## Serve the page at http://127.0.0.1:8080/ (PORT=... for another port)
	@node e2e/serve.mjs dist $(PORT)

watch: .tools/page ## The same, unoptimised, and built anew at every change
	trunk serve --port $(PORT)

build: dist/index.html ## Build the page into dist/, which works under any path of any static server (QUICK=1: unoptimised)

# Whole-program optimisation makes the page small; here it would only make the build three times as long.
ksl: ## Build the headless command line: target/release/ksl
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo build --locked --release --bin ksl
	@echo "built $(TARGET_DIR)/release/ksl"

##@ Check it
test: .tools/browser dist/index.html ## Run every test: native, wasm, components in a browser, the page end to end
	@node tests/run.mjs native wasm digests e2e

test-core: ## Only the quick native tests, to run after every edit
	@node tests/run.mjs core

test-native: ## Only the native tests
	@node tests/run.mjs native

test-wasm: .tools/browser ## Only the tests on wasm32 in headless Chromium: the core's digest, the components
	@node tests/run.mjs wasm digests

test-e2e: .tools/browser dist/index.html ## Only the page end to end, in headless Chromium
	@node tests/run.mjs e2e

lint: .tools/wasm32 ## rustfmt's check, and clippy natively and for wasm32; warnings are errors
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --target $(WASM) --lib --bins $(WASM_TESTS) -- -D warnings

fmt: ## Format the Rust files
	cargo fmt

shots: .tools/browser dist/index.html ## Take the screenshots of docs/ anew
	SHOTS=docs node --test e2e/shots.spec.mjs

clean: ## Remove what was built; the tools stay
	rm -rf dist test-results
	cargo clean

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: serve watch build ksl test test-core test-native test-wasm test-e2e lint fmt shots clean help

# The page; newer than all its sources, so that nothing is built twice.
KIND := $(if $(QUICK),quick,release)
dist/index.html: $(PAGE_SOURCES) .tools/dist-$(KIND) | .tools/page
	cargo fetch --locked
	trunk build $(if $(QUICK),,--release)
	@touch $@

# Which kind of build dist/ holds: asking for the other one builds anew.
.tools/dist-$(KIND):
	@mkdir -p .tools
	@rm -f .tools/dist-*
	@touch $@

# Tools, each brought only if it is missing; a stamp in .tools/ remembers that it was looked for.

.tools/page: .tools/wasm32 .tools/trunk-$(TRUNK_VERSION) .tools/wasm-bindgen-$(WASM_BINDGEN_VERSION) node_modules/.stamp
	@touch $@

.tools/browser: .tools/page .tools/chromium
	@touch $@

.tools/wasm32:
	@mkdir -p .tools
	@test -d "$$(rustc --print target-libdir --target $(WASM))" || rustup target add $(WASM)
	@touch $@

# Optimised for a short build: these tools run for seconds.
INSTALL := CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
  cargo install --locked --root .tools

.tools/trunk-$(TRUNK_VERSION):
	@mkdir -p .tools
	@test "$$(trunk --version 2>&1)" = "trunk $(TRUNK_VERSION)" \
	  || $(INSTALL) --no-default-features trunk --version $(TRUNK_VERSION)
	@touch $@

.tools/wasm-bindgen-$(WASM_BINDGEN_VERSION):
	@mkdir -p .tools
	@test "$$(wasm-bindgen-test-runner --version 2>&1)" = "wasm-bindgen-test-runner $(WASM_BINDGEN_VERSION)" \
	  || $(INSTALL) wasm-bindgen-cli --version $(WASM_BINDGEN_VERSION)
	@touch $@

node_modules/.stamp: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.tools/chromium:
	@mkdir -p .tools
	@test -x $(CHROMIUM) -a -x $(CHROMEDRIVER) || { \
	  command -v apt-get >/dev/null || { echo "Install Chromium and ChromeDriver, then: $(BROWSER_HINT)"; exit 1; }; \
	  $(SUDO) apt-get update; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium chromium-driver; }
	@touch $@
