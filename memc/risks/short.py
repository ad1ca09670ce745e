"""What stands out for processes that were read: near a limit, or broken already."""

from __future__ import annotations

from memc.cgroups.chain import Chains
from memc.errors import MemcError
from memc.proc.files import ProcessFiles
from memc.proc.root import open_root
from memc.risks.map_count import Mapped
from memc.risks.process import LIMITED, read_risks, read_status
from memc.risks.whole import read_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from memc.proc.root import Opened
    from memc.risks.risk import Risk
    from memc.targets.target import Target

__all__ = ["find_short"]


def find_short(
    targets: Iterable[Target], proc: str
) -> list[tuple[Target | None, list[Risk]]]:
    """Return the risks that stand out, for each process that has any.

    Those of the machine come last, with None.  What cannot be read is left out.
    """
    try:
        with open_root(proc) as root:
            return list(_find(root, targets))
    except MemcError:
        return []


def _find(
    root: Opened, targets: Iterable[Target]
) -> Iterator[tuple[Target | None, list[Risk]]]:
    chains, mapped = Chains(root.path), Mapped(root)
    for target in targets:
        if target.file is not None or target.pid is None:
            continue
        try:
            with ProcessFiles(root, target.pid) as files:
                found = _risks(files, chains)
        except (MemcError, OSError):
            continue
        if target.region_count:
            found.append(mapped.risk(target.region_count, None))
        yield from _out(target, found)
    yield from _out(None, read_whole(root, every=False))


def _risks(files: ProcessFiles, chains: Chains) -> list[Risk]:
    return read_risks(files, read_status(files, LIMITED), chains, every=False)[0]


def _out(
    target: Target | None, risks: list[Risk]
) -> Iterator[tuple[Target | None, list[Risk]]]:
    found = [risk for risk in risks if risk.stands_out]
    if found:
        yield target, found
