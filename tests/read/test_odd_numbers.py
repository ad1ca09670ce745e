"""Copies of /proc in which numbers are not what the kernel prints."""

import pytest
from support.commands import COMMANDS
from support.text import header, record

LONG = b"9" * 5000  # int() refuses more than 4,300 digits
MOST = b"18446744073709551615"
# Each number is put in the place of every number of the file.
NUMBERS = [
    ("more digits than int() takes", LONG),
    ("the largest number", MOST),
    ("one more than that", b"18446744073709551616"),
    ("below 0", b"-1"),
    ("a sign", b"+1"),
    ("0", b"0"),
    ("an underscore", b"1_0"),
    ("digits of another script", "٣".encode()),
    ("no number", b"x"),
]
FILES = {
    "status": b"Name:\tx\nUid:\t%d\t%d\nThreads:\t%d\nVmSize:\t%d kB\nVmRSS:\t%d kB\n"
    b"RssAnon:\t%d kB\nVmSwap:\t%d kB\nHugetlbPages:\t%d kB\nPPid:\t%d\n",
    "statm": b"%d %d %d %d 0 %d 0\n",
    "stat": b"5 (x) S %d 1 1 0 -1 %d 0 0 0 0 0 0 0 0 20 0 %d 0 %d 0 0 %d 0\n",
    "mountinfo": b"36 35 %d:%d / /x rw - tmpfs none rw\n",
    "cgroup": b"%d::/a\n",
    "smaps_rollup": b"Rss: %d kB\nPss: %d kB\nPrivate_Clean: %d kB\n"
    b"Private_Dirty: %d kB\nSwap: %d kB\n",
}
MAPS = header(0x1000, 0x3000, name=b"/a") + header(0x4000, 0x5000, "rw-s", b"/b", 7)
SMAPS = record(0x1000, 0x3000, b"Rss: 4 kB") + record(0x4000, 0x5000, b"Rss: 4 kB")
WORDS = [
    ("5", "--full"),
    ("5", "--totals", "--smaps"),
    ("5", "--rss"),
    ("--all", "--totals"),
    ("show", "5", "--by", "region"),
    ("show", "--tree", "5"),
    ("check", "5", "--max-pss", "1G", "--max-regions", "80%", "--json"),
]


@pytest.fixture(params=["python", "pure"])
def once(request):
    """Give the command, Python over C and alone."""
    return COMMANDS[request.param]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
@pytest.mark.parametrize("number", NUMBERS, ids=lambda case: case[0])
def test_no_number_is_too_much_for_a_command(once, tree, number, words):
    texts = {name: text.replace(b"%d", number[1]) for name, text in FILES.items()}
    tree.add(5, maps=MAPS, smaps=SMAPS, **texts)
    limit = tree.path / "sys" / "vm" / "max_map_count"
    limit.parent.mkdir(parents=True)
    limit.write_bytes(number[1])
    result = once(*words, "--proc", tree)
    assert result.status in (0, 1, 2)
    assert b"Traceback" not in result.err


def test_amount_over_64_bits_is_unknown(backend, tree):
    rollup = FILES["smaps_rollup"].replace(b"%d", MOST)
    tree.add(5, status=b"VmSize:\t8 kB\nVmRSS:\t8 kB\n", smaps_rollup=rollup)
    totals = backend.collect(5, "rollup", str(tree)).totals
    assert (totals["pss_kb"], totals["uss_kb"]) == (int(MOST), None)


@pytest.mark.parametrize("words", ["show {} --json", "check {} --max-rss 1K --json"])
def test_sum_over_64_bits_is_printed_exactly(once, tmp_path, words):
    path = tmp_path / "file"
    amount = b"Rss: " + MOST + b" kB"
    path.write_bytes(record(0x1000, 0x2000, amount) + record(0x2000, 0x3000, amount))
    result = once(*words.format(path).split())
    assert b"Traceback" not in result.err
    assert str(2 * int(MOST)).encode() in result.out
