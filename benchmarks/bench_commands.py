"""Small commands, on a shell.

Whole commands on a waiting bash, where the start of the program is most of the cost.
`true` is a program that does nothing; `python -c pass` an interpreter that does
nothing. Of `memc show PID` the start of Python is a third, and the import of a hundred
modules another.
"""

from rows import Ratio

TRUE = {
    "memc PID": (None, {"`pmap`": "pmap PID"}),
    "memc PID --rss": (1.6, {"`pmap -x`": "pmap -x PID"}),
    "memc PID --uss": (None, {}),
    "memc PID --totals": (1.6, {"`ps`": "ps -o rss= -p PID"}),
    "memc PID --smaps": (None, {"`pmap -XX`": "pmap -XX PID"}),
    "memc --version": (1.6, {"`pmap`": "pmap --version"}),
}
# Every sub-command: what it takes to start, and to look at one shell.
PYTHON = (
    "memc show PID",
    "memc show PID --by process",
    "memc diff PID --after 1ms",
    "memc check PID --max-rss 1G",
    "memc machine --help",
    "memc show --help",
)
ROWS = {
    **{
        f"`{command}` / `true`": Ratio(
            ours=command, over="true", goal=goal, peers=peers
        )
        for command, (goal, peers) in TRUE.items()
    },
    "`memc show PID` / `pmap -X`": Ratio(
        ours="memc show PID",
        over="pmap -X PID",
        goal=6,
        peers={"`pmap -XX`": "pmap -XX PID"},
    ),
    **{
        f"`{command}` / `python -c pass`": Ratio(ours=command, over="python -c pass")
        for command in PYTHON
    },
}


def bench_row(what, row, fill):
    fill(what, row)
