"""``memc lake add``: take in what memc wrote on hosts."""

from __future__ import annotations

import os

from memc.cli.output import counted, print_text, say
from memc.cli.usage import UsageError
from memc.errors import MemcError
from memc.fleet.found import check_plain, is_of_proc, walk
from memc.fleet.given import host_name
from memc.fleet.schema import INCOMING, TABLES
from memc.human.lengths import length
from memc.proc.rights import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from memc.fleet.lake_batch import Added, Batch

__all__ = ["run"]

SHOWN = 5  # hosts whose clocks are told


def run(args: Namespace, words: list[str]) -> int:
    """Add the files, or what is in incoming/, and return the exit status."""
    lake, *paths = words
    if not paths and not os.path.isdir(os.path.join(lake, INCOMING)):
        raise UsageError(f"nothing to add: no file is named, nor is {lake}/{INCOMING}/")
    adding = _Adding(_batch(lake, args), args.every)
    for path in paths:
        adding.add(path, args.host)
    if not paths:
        adding.take_in(os.path.join(lake, INCOMING), args.host)
    adding.end()
    print_text(f"{told(adding.batch.added, adding.files)}\n")
    return adding.status


def _batch(lake: str, args: Namespace) -> Batch:
    tables = args.table or TABLES
    if args.format == "parquet":
        from memc.fleet.lake_plain import Plain

        return Plain(lake, tables)
    from memc.fleet.lake_batch import Batch

    return Batch(lake, tables)


class _Adding:
    """Files on their way into a lake.  `status` is 1 if one was refused."""

    def __init__(self, batch: Batch, every_ms: int | None) -> None:
        self.batch = batch
        self.files = 0
        self.status = 0
        self._every_ms = every_ms
        self._taken: list[tuple[str, os.stat_result]] = []

    def add(self, path: str, host: str | None) -> None:
        """Add a file, or all files of a folder that is no copy of /proc."""
        try:
            if path != "-" and os.path.isdir(path) and not is_of_proc(path):
                for below in walk(path):
                    self._add_plain(below, host)
                return
        except OSError as error:
            self._refuse(path, words_of(error))
            return
        self._add(path, host)

    def take_in(self, folder: str, host: str | None) -> None:
        """Add what hosts brought: each has a folder with its name.

        What was added is removed after the commit, unless somebody may still write it.
        """
        for name in _hosts(folder):
            whole = os.path.join(folder, name)
            try:
                mine = host_name(name)
                check_plain(whole)
                for path in walk(whole):
                    before = os.lstat(path)
                    if self._add_plain(path, host or mine):
                        self._taken.append((path, before))
            except ValueError:
                self._refuse(whole, "its name is no name of a host")
            except (OSError, MemcError) as error:
                words = words_of(error) if isinstance(error, OSError) else str(error)
                self._refuse(whole, words)

    def end(self) -> None:
        """Commit all, and remove what was taken in."""
        from memc.fleet.found import remove_taken

        self.batch.commit()
        for path, before in self._taken:
            remove_taken(path, before)

    def _add_plain(self, path: str, host: str | None) -> bool:
        try:
            check_plain(path)
        except MemcError as error:
            self._refuse(path, str(error))
            return False
        return self._add(path, host)

    def _add(self, path: str, host: str | None) -> bool:
        """Add one file; tell why if it cannot be.  Returns whether it was added."""
        from memc.fleet.lake_file import add_file

        try:
            add_file(self.batch, path, host, every_ms=self._every_ms)
        except OSError as error:
            words = words_of(error)
        except MemoryError:
            words = "not enough memory"
        except (MemcError, ValueError, RecursionError) as error:
            words = str(error)
        else:
            self.files += 1
            return True
        self._refuse(path, words)
        return False

    def _refuse(self, path: str, words: str) -> None:
        is_named = words.startswith(path) and not words[len(path) :][:1].isalnum()
        say(words if is_named else f"{path}: {words}")
        self.status = 1


def _hosts(folder: str) -> Iterator[str]:
    yield from sorted(n for n in os.listdir(folder) if not n.startswith(".memc"))


def told(added: Added, files: int) -> str:
    """Return a line that says what was added."""
    parts = [f"{counted(count, 'row')} of {name}" for name, count in added.rows.items()]
    line = f"added {counted(added.samples, 'sample')} of {counted(files, 'file')}"
    if parts:
        line += f": {', '.join(parts)}"
    if added.skipped:
        line += f"; {counted(added.skipped, 'sample')} skipped, which the lake has"
    _tell_clocks(added)
    return line


def _tell_clocks(added: Added) -> None:
    """Say of which hosts the newest time is more than five minutes from now."""
    apart = sorted(added.apart_ms.items(), key=lambda one: one[1])
    for host, apart_ms in apart[:SHOWN]:
        side = "after" if apart_ms < 0 else "before"
        words = f"the newest time of {host} is {length(abs(apart_ms))} {side} now"
        say(f"{words}: it is old, or a clock is wrong")
    if len(apart) > SHOWN:
        say(f"… and so are those of {len(apart) - SHOWN:,} more hosts")
