#!/usr/bin/env bash
# Run each fuzzer, each for so many seconds (20 when not told), on so many CPUs:
#
#   tests/fuzz/run.sh              20 s each; CI gives each 10
#   tests/fuzz/run.sh 3600         an hour each
#   tests/fuzz/run.sh 3600 quick   an hour of the one
#
# Needs clang with libFuzzer (Debian: clang libclang-rt-14-dev).  What was found stays
# in build/fuzz/corpus and makes the next run start further on; seeds are made of
# tests/data at each run.  Ends at the first defect with status 1: its input is named
# by the last line, and `build/fuzz/tests/fuzz/fuzz_NAME FILE` runs it again.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-20}
build=build/fuzz
mkdir -p "$build"
read -ra names <<<"${2:-arrow chunks json keyvals quick repair stats}"
cmake -S . -B "$build" -DMEMC_FUZZ=ON -DCMAKE_C_COMPILER="${CC:-clang}" >"$build.log" ||
    { cat "$build.log"; exit 1; }
cmake --build "$build" -j"$(nproc)" >>"$build.log" || { cat "$build.log"; exit 1; }

# Pieces of the captures, each with the byte that says how they are read; and what was
# found before.
seed() {
    local to=$1 file piece how=0
    for file in tests/data/*/*.txt; do
        split -l 60 "$file" "$to/$(basename "$file")-"
    done
    for piece in "$to"/*; do
        printf "\\x$(printf %02x $((how++ % 256)))" >>"$piece"
    done
    cp tests/fuzz/found/* "$to"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seed "$work"
for name in "${names[@]}"; do
    corpus=$build/corpus/$name
    found=$build/found-$name-
    log=$build/$name.log
    mkdir -p "$corpus"
    "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=4096 -max_len=8192 -print_final_stats=1 -artifact_prefix="$found" \
        -dict=tests/fuzz/smaps.dict "$corpus" "$work" >"$log" 2>&1 ||
        { tail -60 "$log"; exit 1; }
    printf 'fuzz_%s: %s executions, %s\n' "$name" \
        "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")" \
        "$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1)"
done
