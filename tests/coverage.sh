#!/usr/bin/env bash
# Coverage through all tests, those in Python and those in C, of csrc in lines and
# branches and of memc in lines, also where it runs in the commands that tests start:
#
#   tests/coverage.sh                every test
#   tests/coverage.sh tests/clib     some; the arguments are pytest's
#
# What is not covered is told file by file; build/coverage/html/index.html shows it for
# csrc, build/coverage/python/index.html for memc.  PYTHON chooses the interpreter.  A
# test that fails does not stop the count: nothing is fast or quiet when it counts, and
# more is imported.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/build/coverage
rm -rf "$out"
mkdir -p "$out/data"
chmod 777 "$out/data" # some commands run as another user
export CFLAGS="--coverage -fprofile-update=atomic" CMAKE_BUILD_TYPE=Debug MEMC_SANITIZE=
"${PYTHON:-python3}" -m venv "$out/venv"
"$out/venv/bin/pip" install -q '.[test]' coverage gcovr -C build-dir="$out/objects" \
    -C cmake.build-type=Debug

installed=$("$out/venv/bin/python" -I -c 'import memc; print(*memc.__path__)')
cat >"$out/config" <<END
[run]
data_file = $out/data/memc
disable_warnings = module-not-imported,module-not-measured,no-data-collected
parallel = true
patch = _exit
source_pkgs = memc
[paths]
memc =
    memc
    $installed
END
export COVERAGE_PROCESS_START=$out/config
echo 'import coverage; coverage.process_startup()' >"$(dirname "$installed")/count.pth"
"$out/venv/bin/pytest" -q --basetemp="$out/tmp" "$@" || echo "some tests failed"
unset COVERAGE_PROCESS_START

mkdir "$out/html"
"$out/venv/bin/gcovr" -r . --filter csrc/ -j "$(nproc)" "$out" \
    --merge-lines --exclude-unreachable-branches \
    --txt - --print-summary --html-details "$out/html/index.html"
"$out/venv/bin/gcovr" -r . --filter csrc/ -j "$(nproc)" "$out" \
    --merge-lines --exclude-unreachable-branches --txt-metric branch --txt -
coverage=$out/venv/bin/coverage
"$coverage" combine -q --rcfile="$out/config"
"$coverage" html -q --rcfile="$out/config" -d "$out/python"
"$coverage" report --rcfile="$out/config" --show-missing --skip-covered
