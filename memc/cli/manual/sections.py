"""What the help of the command and its manual page both tell, beside the options."""

from __future__ import annotations

__all__ = ["LIST", "LITERAL", "ONE_LINE", "PROSE", "SECTIONS", "SUMMARY", "USAGE"]

PROSE = "prose"  # text that may be filled anew; an empty line is between paragraphs
LIST = "list"  # "  TERM  what it means", and more of that on lines further in
LITERAL = "literal"  # lines as they are

USAGE = ("memc PID [options]", "memc --all [options]", "memc COMMAND [options]")
ONE_LINE = "tell what the memory of a process is made of"
SUMMARY = f"{ONE_LINE.capitalize()}: every mapping, as JSON."

# Title, kind and text; one without a title goes on with the one before.
SECTIONS = (
    (
        "exit status",
        LIST,
        """\
  0  done (also when --all skipped some processes, when a signal ended a stream, and
     when the process ended after at least one sample)
  1  the process could not be read, or the output could not be written
  2  the command line is wrong
""",
    ),
    (
        "environment",
        LIST,
        """\
  MEMC_BACKEND  native (the C core) or pure (Python alone); else native, if it is there
  COLUMNS       how wide a table on a terminal may be, instead of as wide as that is
  NO_COLOR      if not empty, no colours on a terminal; nor where TERM is dumb
""",
    ),
    (
        "examples",
        LITERAL,
        """\
  memc 1234                        the layout of process 1234
  memc $$ --smaps                  this shell, with all that the kernel counts
  memc 1234 --smaps --full         every field, unknown ones too
  memc 1234 --uss                  what only this process maps, gently
  memc --all --totals --compact --count 0 --duty 1      a machine, watched
  memc $$ --smaps | jq '.regions[] | select(.type == "heap")'
  memc --all --smaps --compact --skip-kernel --output system.json
  memc 1234 --count 5 --interval 2000 --compact > five.ndjson
  memc $$ --count 0 --interval 500 --compact | jq -c .total_rss_kb
  memc 1234 --count 0 --compact --output 1234.ndjson    until Ctrl-C
""",
    ),
    (
        "samples",
        PROSE,
        """\
  The first is taken at once, the others at fixed times after it, which do not drift.
  One that takes longer than the interval is followed by the next that is due then; a
  note "late" in that one says how many were left out.  Documents follow one another,
  with --compact one line each.  SIGINT, SIGTERM and SIGHUP end it after the whole
  document under way; a process that ends does too, with a message, and another one to
  which its pid is given is never read.  With --all only the first is told of on stderr.
  --duty PCT: a sample that took 5 ms of CPU is followed, with 10, by one 50 ms after
  its begin or later, at the next of the fixed times; what is left out so is not "late".
""",
    ),
    (
        "file",
        PROSE,
        """\
  A document is written beside FILE, as .FILE.memc-*, and renamed over it: FILE is the
  old one or the whole new one, at any time.  Several begin it anew so, and are then
  appended whole: one that fails is cut off again.  A FILE that is there keeps its owner
  and mode; a new one can be read by you alone.  What is no regular file (a device, a
  pipe, a terminal) is written to as it is.  A symbolic link is followed if it is yours.
""",
    ),
    (
        "data",
        PROSE,
        """\
  A process has pid, timestamp_ms, total_rss_kb, total_vsize_kb, region_count and
  regions[], each with start, end, type, perm, size_kb, pathname if any, and what the
  detail tells; --all has processes[] and skipped_processes[].  docs/json.md of the
  sources lists every key.
  total_rss_kb is the sum over the regions, or statm's when they do not tell.
  Amounts in kB are of 1024 bytes.  What the kernel does not give is null, never 0;
  a list that is not whole says why in "notes".
""",
    ),
    (
        "details (one at a time, what they read, and cost)",
        LIST,
        """\
  maps      by default: the layout; the total RSS is statm's.  0.1 to 0.25 us a region
  --rss     maps, and page tables by PAGEMAP_SCAN (Linux 6.7), no call over about 1 ms:
            rss_kb and swap_kb, equal to those of smaps.  About 3 times maps
  --uss     and pagemap: uss_kb, what the process alone has, and file_kb.  10 ms more a
            touched GiB
  --smaps   smaps, which holds up the process: it may wait as long as a region's page
            tables are walked, 4 ms a touched GiB and more.  About 10 times maps
  --totals  status and statm: no regions, microseconds.  With --smaps also smaps_rollup,
            which holds up the process as smaps does
""",
    ),
    (
        "",
        PROSE,
        """\
  Where page tables cannot be scanned, rss_kb is null and "notes" say why.  --max-stall
  reckons 20 ms a GiB, or by what the last sample of the process took; a process over it
  is read more gently, with a note.
""",
    ),
    (
        "permissions",
        PROSE,
        """\
  Your own processes can be read, unless they are not dumpable.  Those of others need
  CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15), which root has.  With --all, what
  cannot be read is listed in "skipped_processes".  --rss and --uss of others' processes
  need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; --totals needs nothing.
""",
    ),
)
