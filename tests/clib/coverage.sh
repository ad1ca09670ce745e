#!/usr/bin/env bash
# Line and branch coverage of csrc through all tests, those in Python and those in C:
#
#   tests/clib/coverage.sh                        every test
#   tests/clib/coverage.sh tests/test_clib.py     some; the arguments are pytest's
#
# What is not covered is told file by file; build/coverage/html/index.html shows it.
# PYTHON chooses the interpreter.  A test that fails does not stop the count: the
# library is neither fast nor quiet when it counts.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$PWD/build/coverage
rm -rf "$out"
mkdir -p "$out"
export CFLAGS="--coverage -fprofile-update=atomic" CMAKE_BUILD_TYPE=Debug MEMC_SANITIZE=
"${PYTHON:-python3}" -m venv "$out/venv"
"$out/venv/bin/pip" install -q '.[test]' gcovr -C build-dir="$out/objects" \
    -C cmake.build-type=Debug
"$out/venv/bin/pytest" -q --basetemp="$out/tmp" "$@" || echo "some tests failed"
mkdir "$out/html"
"$out/venv/bin/gcovr" -r . --filter csrc/ -j "$(nproc)" "$out" \
    --merge-lines --exclude-unreachable-branches \
    --txt - --print-summary --html-details "$out/html/index.html"
"$out/venv/bin/gcovr" -r . --filter csrc/ -j "$(nproc)" "$out" \
    --merge-lines --exclude-unreachable-branches --txt-metric branch --txt -
