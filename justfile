# Commands for whoever changes the program; `just` alone lists them. What they need: `just setup`.

default:
    @just --list

# Install what the tests need: Debian packages (asks for sudo), npm packages, cargo-nextest
setup:
    tests/setup

# Formatting, lints and types of server and client; 20 s
[parallel]
check: check-server check-client

[private]
check-server:
    cargo fmt --check
    cargo clippy --locked --all-targets --quiet -- -D warnings

[private]
check-client:
    npm run --silent lint
    npm run --silent types

# The tests of server and client but for the slow ones (`.config/nextest.toml` says which); 60 s
[parallel]
test: test-server test-client

[private]
test-server:
    cargo nextest run --locked --profile quick

[private]
test-client:
    NODE_OPTIONS=--test-reporter=dot npm run --silent unit

# Every test there is, as CI runs it; a quarter of an hour
all:
    tests/run

# Format server and client
fmt:
    cargo fmt
    npm run --silent format

# Measure the server beside what the machine could do at best (docs/PERFORMANCE.md)
bench *args:
    cargo bench --bench load -- {{ args }}
