"""The text of ``memc --help``."""

from __future__ import annotations

from memc.cli.options import OPTIONS

__all__ = ["text"]

HEAD = """\
usage: memc PID [options]
       memc --all [options]

Tell what the memory of a process is made of: every mapping, as JSON on stdout.

options:
"""

TAIL = """
exit status:
  0  done (with --all also when some processes were skipped)
  1  the process could not be read, or the output could not be written
  2  the command line is wrong

examples:
  memc 1234                        the layout of process 1234
  memc $$ --smaps                  this shell, with all that the kernel counts
  memc 1234 --smaps --full         every field, unknown ones too
  memc $$ --smaps | jq '.regions[] | select(.type == "heap")'
  memc --all --smaps --compact --skip-kernel > system.json

data:
  The regions are those of PROC/PID/maps; --smaps reads PROC/PID/smaps instead, for
  which the kernel walks the page tables while the process may have to wait: a few ms
  a GiB.  total_rss_kb is the sum over the regions, or statm's when they do not tell.
  Amounts in kB are of 1024 bytes.  What the kernel does not give is null, never 0;
  a list that is not whole says why in "notes".

permissions:
  Your own processes can be read, unless they are not dumpable.  Those of others need
  CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15), which root has.  With --all, what
  cannot be read is listed in "skipped_processes".
"""


def text() -> str:
    """Return the whole help."""
    lines = [_synopsis(option.names, option.metavar) for option in OPTIONS]
    width = max(map(len, lines)) + 2
    table = [
        f"  {line:{width}}{_indent(option.help, width + 2)}\n"
        for line, option in zip(lines, OPTIONS, strict=True)
    ]
    return HEAD + "".join(table) + TAIL


def _synopsis(names: tuple[str, ...], metavar: str) -> str:
    return f"{', '.join(names)} {metavar}".rstrip()


def _indent(help_text: str, width: int) -> str:
    return help_text.replace("\n", "\n" + " " * width)
