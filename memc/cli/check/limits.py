"""The limits that the options of ``memc check`` ask for."""

from __future__ import annotations

from memc.analysis.keys import is_of_processes
from memc.cli.usage import UsageError
from memc.human.amounts import Percent
from memc.limits.limits import (
    AMOUNTS,
    OF_STATUS,
    GrowthLimit,
    HeadroomLimit,
    Limit,
    ShareLimit,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from memc.limits.limits import AnyLimit
    from memc.targets.choice import Choice

__all__ = ["limits_of"]


def limits_of(args: argparse.Namespace, choice: Choice) -> list[AnyLimit]:
    """Return the limits.  Raises UsageError if there is none or one makes no sense."""
    if choice.recordings:
        from memc.cli.check.recorded import check_recorded

        check_recorded(args, choice)
    limits: list[AnyLimit] = [
        _amount_limit(what, most, args, choice)
        for what in (*AMOUNTS, *OF_STATUS)
        if (most := getattr(args, f"max_{what}")) is not None
    ]
    if args.min_headroom is not None:
        limits.append(_headroom_limit(args, choice))
    if args.max_regions is not None:
        limits.append(_regions_limit(args, choice))
    if args.max_growth is not None:
        limits.append(_growth_limit(args, choice))
    elif args.apart_s is not None or args.growth_of is not None:
        raise UsageError("--for and --growth-of need --max-growth")
    if not limits:
        raise UsageError("which limit? give --max-rss 2G or another")
    return limits


def _amount_limit(
    what: str, most: int | Percent, args: argparse.Namespace, choice: Choice
) -> Limit | ShareLimit:
    if what == "peak" and args.total:
        raise UsageError("--max-peak: peaks are of different times: no --total or --by")
    if what == "page_tables" and args.by and not is_of_processes(args.by):
        raise UsageError(f"--max-page-tables: they are of no region: no --by {args.by}")
    if not isinstance(most, Percent):
        return Limit(what, most)
    if choice.paths:
        name = f"--max-{what}".replace("_", "-")
        words = "a file tells no limit of a control group: no %, please"
        raise UsageError(f"{name}: {words}")
    return ShareLimit(what, float(most))


def _headroom_limit(args: argparse.Namespace, choice: Choice) -> HeadroomLimit:
    if choice.paths:
        raise UsageError(f"--min-headroom: {choice.paths[0]} tells none: live only")
    if args.total:
        raise UsageError("--min-headroom: what is left has no sum: no --total or --by")
    return HeadroomLimit(args.min_headroom)


def _regions_limit(args: argparse.Namespace, choice: Choice) -> Limit:
    most = args.max_regions
    if not isinstance(most, Percent):
        return Limit("regions", most)
    if choice.paths:
        raise UsageError(
            "--max-regions: a file tells no vm.max_map_count: no %, please"
        )
    if args.total:
        raise UsageError(
            "--max-regions: % is of what each process may have: no --total or --by"
        )
    from memc.risks.map_count import read_max_map_count

    of = read_max_map_count(choice.proc)
    return Limit("regions", int(of * most // 100), share=(float(most), of))


def _growth_limit(args: argparse.Namespace, choice: Choice) -> GrowthLimit:
    sources = len(set(choice.paths)) + choice.names_live()
    if args.total and sources > 1:
        raise UsageError(
            "--total --max-growth: live processes or one file: times differ"
        )
    if args.apart_s is not None and not choice.names_live():
        raise UsageError("--for: a file has its own times: live processes only")
    rate = args.max_growth
    is_percent = isinstance(rate.most, Percent)
    what = args.growth_of or "rss"
    return GrowthLimit(what, float(rate.most), rate.per_s, is_percent=is_percent)
