"""What the whole machine has left: memory, swap, and how long it waits for them."""

from __future__ import annotations

from memc.errors import MemcError
from memc.proc.entry import read_record
from memc.proc.rights import words_of
from memc.proc.root import is_copy
from memc.risks.risk import NEAR, SHARE, Risk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from memc.proc.root import Opened

__all__ = ["available_kb", "numbers_in", "read_of", "read_whole"]

MEMORY, SWAP, PRESSURE = "MemAvailable", "SwapFree", "memory.pressure"
MEMORY_WORDS, SWAP_WORDS = "memory of the machine", "swap of the machine"
PRESSURE_WORDS = "waiting for memory"
AMOUNTS = ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")
KINDS = ("some", "full")
WAITING = 10  # percent of the time: from there on it stands out


def read_whole(root: Opened, *, every: bool) -> list[Risk]:
    """Return the risks of the machine.

    Without `every` the lists of the CPUs are read only if memory looks short.
    """
    info, reason = _read_meminfo(root)
    if reason is None:
        found = [_memory(root, info, every=every), *_swap(info, every=every)]
    else:
        found = [Risk(MEMORY, MEMORY_WORDS, None, reason=reason)]
        found += [Risk(SWAP, SWAP_WORDS, None, reason=reason)] * every
    return [*found, _pressure(root)]


def available_kb(root: Opened) -> int | None:
    """Return MemAvailable and the lists of the CPUs; None if it is not known."""
    kb, _ = _available(root, _read_meminfo(root)[0])
    return kb


def read_of(root: Opened, path: str) -> tuple[bytes, str | None]:
    """Return a file below a root, or b"" and why it cannot be read."""
    try:
        if is_copy(root):
            from memc.files.given import read_below

            return read_below(root.path, path), None
        return read_record(root.fd, path, is_copy=False), None
    except OSError as error:
        return b"", f"{path}: {words_of(error)}"
    except MemcError as error:
        return b"", str(error)


def numbers_in(text: bytes, keys: Iterable[str]) -> dict[str, int]:
    """Return the numbers of lines such as "VmRSS:  4820 kB", for these keys.

    The first line of a key counts; a value that is no number is left out.
    """
    found: dict[str, int] = {}
    lines = b"\n" + text
    for key in keys:
        start = b"\n%s:" % key.encode()
        place = lines.find(start) + len(start)
        if place < len(start):
            continue
        digits = lines[place : place + 64].split(None, 1)[:1]
        if digits and digits[0].isdigit() and len(digits[0]) < 20:
            found[key] = int(digits[0])
    return found


def _read_meminfo(root: Opened) -> tuple[dict[str, int], str | None]:
    text, reason = read_of(root, "meminfo")
    info = numbers_in(text, AMOUNTS)
    if not info.get("MemTotal") and reason is None:
        reason = "meminfo tells no MemTotal"
    return info, reason


def _available(root: Opened, info: dict[str, int]) -> tuple[int | None, int | None]:
    """Return what is available, and the part of it in the lists of the CPUs."""
    from memc.proc.zoneinfo import read_zones  # dear, and seldom needed

    lists_kb = read_zones(root).lists_kb
    kb = info.get("MemAvailable")
    return None if kb is None else kb + (lists_kb or 0), lists_kb


def _memory(root: Opened, info: dict[str, int], *, every: bool) -> Risk:
    total_kb, kb = info["MemTotal"], info.get("MemAvailable")
    risk = Risk(MEMORY, MEMORY_WORDS, None, total_kb)
    if kb is None:
        risk.reason = "meminfo tells no MemAvailable"
        return risk
    lists_kb = None
    if every or kb * 100 <= total_kb * (100 - SHARE):
        available, lists_kb = _available(root, info)
        kb = kb if available is None else available
    kb = min(kb, total_kb)
    risk.value = total_kb - kb
    risk.more = {"available_kb": kb, "cpu_lists_kb": lists_kb}
    return risk


def _swap(info: dict[str, int], *, every: bool) -> list[Risk]:
    total_kb, free_kb = info.get("SwapTotal"), info.get("SwapFree")
    if total_kb is None or free_kb is None:
        reason = "meminfo tells no SwapTotal and SwapFree"
        return [Risk(SWAP, SWAP_WORDS, None, reason=reason)] * every
    risk = Risk(SWAP, SWAP_WORDS, max(0, total_kb - free_kb), total_kb)
    risk.about = "" if total_kb else "the machine has none"
    return [risk]


def _pressure(root: Opened) -> Risk:
    risk = Risk(PRESSURE, PRESSURE_WORDS, None, is_kb=False)
    text, risk.reason = read_of(root, "pressure/memory")
    if risk.reason is not None:
        return risk
    found = {kind: share for kind, share in map(_average, text.splitlines()) if kind}
    if "some" not in found:
        risk.reason = "pressure/memory: expected a line such as 'some avg10=0.00'"
        return risk
    risk.value = int(found["some"])
    risk.mark = NEAR if found["some"] >= WAITING else None
    risk.more = {f"{kind}_avg10": value for kind, value in found.items()}
    risk.about = f"{found['some']:g} % of 10 s"
    return risk


def _average(line: bytes) -> tuple[str, float]:
    """Return "some" or "full" and its percentage; "" for another line.

    "some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459" is a line (psi_show() in
    kernel/sched/psi.c).
    """
    kind, _, rest = line.decode("ascii", "replace").partition(" avg10=")
    whole, _, part = rest.partition(" ")[0].partition(".")
    if kind not in KINDS or not (whole + part).isascii() or len(whole + part) > 5:
        return "", 0.0
    if not (whole.isdigit() and part.isdigit()):
        return "", 0.0
    return kind, int(whole) + int(part) / 10 ** len(part)
