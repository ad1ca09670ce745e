#!/bin/sh
# Read hosts by ssh, where nothing is installed, and add what they told to a lake.
#   memc lake --ssh > collect.sh
#   sh collect.sh /srv/lake build/static/memc web1 web2 root@db1
# The second word is the static command of memc: it is copied to a host, run, and taken
# away again.  MEMC_LIMIT (120) is in seconds; MEMC_JOBS (20) hosts are read at once.
set -u
there='d=$(mktemp -d) && trap '\''rm -rf "$d"'\'' EXIT && cat >"$d/memc" &&
chmod 700 "$d/memc" && "$d/memc" --all --smaps --max-stall 50ms --skip-kernel --compact'

one() {
    lake=$1 static=$2 target=$3
    host=${target##*@}
    mkdir -p "$lake/incoming" && part=$(mktemp -d "$lake/incoming/.memc-XXXXXX") || exit 1
    timeout "${MEMC_LIMIT:-120}" ssh -C -T -o BatchMode=yes -o ConnectTimeout=10 \
        -- "$target" "$there" <"$static" >"$part/told" 2>"$part/words"
    status=$?
    if [ "$status" -eq 0 ] && [ -s "$part/told" ]; then
        mkdir -p "$lake/incoming/$host" &&
            mv "$part/told" "$lake/incoming/$host/$(date +%s).json" && status=0
    else
        words=$(tail -n 1 "$part/words")
        [ "$status" -eq 124 ] && words="no answer within ${MEMC_LIMIT:-120} s"
        echo "$host is missing: ${words:=exit status $status}" >&2
        memc lake miss "$lake" "$words" --host="$host"
    fi
    rm -rf "$part"
}

if [ "${1:-}" = --one ]; then
    shift
    one "$@"
    exit 0
fi
if [ $# -lt 3 ] || [ ! -r "$2" ]; then
    echo "usage: sh collect.sh LAKE STATIC-MEMC HOST..." >&2
    exit 2
fi
lake=$1 static=$2
shift 2
printf '%s\n' "$@" | xargs -P "${MEMC_JOBS:-20}" -I '{}' sh "$0" --one "$lake" "$static" '{}'
exec memc lake add "$lake"
