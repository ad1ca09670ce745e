"""``memc bundle``: what memc saw, to attach to a report."""

from __future__ import annotations

from memc.cli.bundle.options import check_reading, chosen, hiding, parser
from memc.cli.output import counted, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from memc.bundle.check import Offence
    from memc.bundle.options import BundleOptions
    from memc.cli.bundle.samples import Samples

__all__ = ["parser", "run"]

SHOWN = 20
PLAIN = "--plain: names of files, users and programs are in it as they are"


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    if file := check_reading(args):
        from memc.cli.bundle import reading

        run = reading.check if args.check else reading.show
        return run(file, as_json=args.json)
    return _write(args)


def _write(args: argparse.Namespace) -> int:
    choice = chosen(args)
    from memc.bundle.key import new_key, read_key
    from memc.cli.bundle.samples import Samples
    from memc.cli.collect.file import File

    key = read_key(args.key) if args.key else new_key()
    samples = Samples()
    options = hiding(args)
    with File(args.output, args) as file:  # type: ignore[arg-type] # no document
        samples.read(args, choice)
        if not samples.documents:
            return 1
        data = _made(samples, options, key, has_key_file=bool(args.key))
        if data is None:
            return 1
        from memc.table.writing import write_all

        file.put(lambda fd: write_all(fd, data))
    return samples.status


def _made(
    samples: Samples, options: BundleOptions, key: bytes, *, has_key_file: bool
) -> bytes | None:
    """Return the bytes of the bundle; None if a text was refused, as was said."""
    from memc.bundle.write import OffenceError, members_of, zipped

    try:
        members = members_of(
            samples.documents,
            samples.machine,
            options,
            key,
            has_key_file=has_key_file,
        )
    except OffenceError as error:
        tell_offences(error.found)
        say(str(error))
        return None
    if options.plain:
        say(PLAIN)
    _tell_kept(members["manifest.json"])
    return zipped(members)


def _tell_kept(manifest: bytes) -> None:
    """Say which patterns of --keep kept a name that looks like a secret."""
    from memc.table.json_text import loads

    told = loads(manifest)
    secrets = told.get("kept_secrets") if isinstance(told, dict) else None
    for glob, count in (secrets or {}).items():
        names = counted(count, "name")
        say(f"--keep {glob} keeps {names} that may tell who or where: look at it")


def tell_offences(found: Sequence[Offence]) -> None:
    """Say which texts are of no closed list."""
    for offence in found[:SHOWN]:
        say(f"{offence.member}: {offence.kind}: {offence.text}")
    if len(found) > SHOWN:
        say(f"… and {counted(len(found) - SHOWN, 'text')} more")
