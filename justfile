# The interface of the house: `just` lists it. Everything builds into one target directory outside the checkout.

set shell := ["bash", "-euo", "pipefail", "-c"]

environment := "source scripts/environment"

# List the recipes.
default:
    @just --list

# Run the demo: a window, or pictures in a folder where there is no display.
demo *arguments:
    scripts/demo {{arguments}}

# Run all tests, or those whose names are given: `just test reading`.
test *arguments:
    scripts/test {{arguments}}

# Run the tests without the engine, which build in two minutes instead of thirty.
test-core *arguments:
    {{environment}}; CARGO_TARGET_DIR="$CARGO_TARGET_DIR/../core" cargo test --locked --no-default-features --features server {{arguments}}

# Check format and lints, warnings as errors.
lint:
    {{environment}}; cargo fmt --check
    {{environment}}; cargo clippy --locked --all-targets -- -D warnings

# Format the sources.
fmt:
    {{environment}}; cargo fmt

# Accept what the tests give now as the new snapshots; look at `git diff` afterwards.
bless *arguments:
    {{environment}}; INSTA_UPDATE=always YUNFUSHAN_BLESS=1 cargo test --locked {{arguments}}

# Measure the viewer on a file: `just bench --buildings city.geojson --preset low --size 1920x1080`.
bench *arguments:
    {{environment}}; cargo build --locked && "$CARGO_TARGET_DIR/debug/yunfushan" bench {{arguments}}

# Put the server under the load that it must bear: `just load --folder /somewhere --seconds 120`.
load *arguments:
    {{environment}}; cargo bench --locked --profile dev --no-default-features --features server --bench load -- {{arguments}}

# Everything that CI does.
ci:
    .ci/run
