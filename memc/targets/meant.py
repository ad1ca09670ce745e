"""Which processes a choice means: by name, user, control group, container, command."""

from __future__ import annotations

from memc.errors import ProcessError
from memc.proc.files import ProcessFiles
from memc.targets.facts import Facts, facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from memc.files.recording.known import RecordedProcess
    from memc.proc.root import Opened
    from memc.table.snapshot import Process
    from memc.targets.choice import Choice

    Test: TypeAlias = Callable[[ProcessFiles], bool]

__all__ = [
    "DIGITS_MIN",
    "is_container",
    "is_meant",
    "passes",
    "pattern_of_group",
    "tests_of",
]

ID = r"[0-9a-f]{12}|[0-9a-f]{8}-"
DIGITS_MIN = 4  # of the ID of a container
COMM_MAX = 15  # TASK_COMM_LEN without the NUL: a name of this length may be cut


def is_meant(choice: Choice, process: Process | RecordedProcess) -> bool:
    """Tell whether a process from a file passes all tests."""
    if choice.name is not None and not choice.name.search(process.name):
        return False
    if choice.uids and process.uid not in choice.uids:
        return False
    patterns = [pattern_of_group(pattern) for pattern in choice.cgroups]
    if patterns and not _is_in(process.cgroup, patterns):
        return False
    return _has_facts(choice, facts_of(process))


def _has_facts(choice: Choice, facts: Facts) -> bool:
    """Tell whether a process is in a container, and runs a command, that is meant."""
    container = facts.place.container if choice.containers else None
    if choice.containers and not is_container(container, choice.containers):
        return False
    if choice.match is None:
        return True
    line = " ".join(facts.arguments or ())
    return bool(line) and choice.match.search(line) is not None


def is_container(container: str | None, meant: list[str]) -> bool:
    """Tell whether a container has a name or an ID of which these are the first digits.

    Four digits are the least: fewer would mean many containers.
    """
    if container is None:
        return False
    import re

    is_id = re.match(ID, container) is not None
    return any(
        container == word
        or (is_id and len(word) >= DIGITS_MIN and container.startswith(word.lower()))
        for word in meant
    )


def passes(root: Opened, pid: int, tests: list[Test]) -> bool:
    """Tell whether a live process passes all tests."""
    try:
        with ProcessFiles(root, pid) as files:
            return all(test(files) for test in tests)
    except (OSError, ProcessError):
        return False


def tests_of(choice: Choice) -> list[Test]:
    """Return the tests that a process has to pass."""
    return [*_tests(choice)]


def _tests(choice: Choice) -> Iterator[Test]:
    name = choice.name
    if name is not None:
        yield lambda files: name.search(_long_name(files)) is not None
    if choice.uids:
        yield lambda files: files.uid() in choice.uids
    if choice.cgroups:
        patterns = [pattern_of_group(pattern) for pattern in choice.cgroups]
        yield lambda files: _is_in(files.cgroup(), patterns)
    if choice.containers or choice.match is not None:
        yield lambda files: _has_facts(choice, _read_facts(files))


def _read_facts(files: ProcessFiles) -> Facts:
    facts = Facts()
    facts.read(files, ("cgroup", "cmdline"))
    return facts


def _long_name(files: ProcessFiles) -> str:
    """Return the comm, or the whole name of the program if the kernel cut the comm."""
    comm = files.name() or ""
    if len(comm.encode("utf-8", "surrogateescape")) < COMM_MAX:
        return comm
    from memc.proc.living import use_living_thread

    use_living_thread(files)
    program = files.read("cmdline").partition(b"\0")[0].rpartition(b"/")[2]
    name = program.decode("utf-8", "surrogateescape")
    return name if name.startswith(comm) else comm


def pattern_of_group(pattern: str) -> re.Pattern[str]:
    """Make a pattern for the path of a control group.

    A pattern with wildcards must match the whole path.  A word without wildcards must
    match whole parts of the path, between slashes.
    """
    import fnmatch
    import re

    if any(letter in pattern for letter in "*?["):
        return re.compile(fnmatch.translate(pattern))
    word = re.escape(pattern.strip("/"))
    if not word:  # the root: every control group is below it
        return re.compile("/")
    start = "/" if pattern.startswith("/") else "(?:.*/)?"
    return re.compile(f"{start}{word}(?:/.*)?$", re.DOTALL)


def _is_in(group: str | None, patterns: list[re.Pattern[str]]) -> bool:
    return group is not None and any(pattern.match(group) for pattern in patterns)
