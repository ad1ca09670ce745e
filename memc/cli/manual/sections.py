"""The texts, beside the options, of both ``memc --help`` and the manual page."""

from __future__ import annotations

__all__ = ["LIST", "LITERAL", "ONE_LINE", "PROSE", "SECTIONS", "SUMMARY", "USAGE"]

PROSE = "prose"  # paragraphs, which may be filled; empty lines separate them
LIST = "list"  # entries "  TERM  meaning"; lines with a larger indent continue them
LITERAL = "literal"  # lines, which stay as they are

USAGE = ("memc PID [options]", "memc --all [options]", "memc COMMAND [options]")
ONE_LINE = "tell what the memory of a process is made of"
SUMMARY = f"{ONE_LINE.capitalize()}: every mapping, as JSON."

# Title, kind and text of each section.  A text without a title continues the section
# before.
SECTIONS = (
    (
        "questions",
        LITERAL,
        """\
  memc show 1234                why is it so big: what is the memory for?
  memc show 1234 --freed        what do I get back if it ends?
  memc show 1234 --risk         will it be killed: what is near a limit?
  memc show --all --by service  which service has most?
  memc machine                  does it add up: where is the rest?
  memc record -o day.memc       what was it at three in the morning?
""",
    ),
    (
        "exit status",
        LIST,
        """\
  0  done (also if --all skipped some processes, if a signal ended a stream, or
     if the process ended after the first sample)
  1  the process could not be read, or the output could not be written
  2  the command line is wrong
""",
    ),
    (
        "environment",
        LIST,
        """\
  MEMC_BACKEND  native reads with the C core, pure with Python alone; if it is
                not set, memc takes the C core where it is installed
  MEMC_PROC     the root to read if --proc names none (default: /proc)
  COLUMNS       how wide a table on a terminal may be (default: as the terminal)
  NO_COLOR      if it is not empty, tables on a terminal have no colours; they
                have none where TERM is dumb either
  NOTIFY_SOCKET  where memc record tells systemd that it records; WATCHDOG_USEC
                and WATCHDOG_PID say how often it must
  CREDENTIALS_DIRECTORY  where systemd puts files that memc serve alone may read
""",
    ),
    (
        "examples",
        LITERAL,
        """\
  memc 1234                 the layout of process 1234
  memc $$ --smaps           this shell, with the main counters of regions
  memc 1234 --smaps --full  every field of smaps, also unknown ones
  memc 1234 --uss           memory of this process alone, no long stall
  memc 1234 --pss           and its part of what it shares, as root
  memc --all --totals --compact --count 0 --duty 1   watch a machine
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
  The first sample is taken at once.  The others are due at fixed times after
  it, so they do not drift.  If a sample takes longer than the interval, memc
  leaves out those that fell due meanwhile.  The next sample has a note "late"
  that says how many.  Documents follow one another, with --compact one on each
  line.  With --all, only the first sample has messages on stderr.
  SIGINT, SIGTERM and SIGHUP end the stream after the current document is
  complete.  If the process ends, the stream ends too, with a message.  If its
  pid goes to another process, memc does not read that one.
  With --duty 10, the sample after one that took 5 ms of CPU starts at least 50
  ms after that one did, at one of the fixed times.  Samples that are left out
  for this reason are not "late".
  With --incremental, memc does not read a process again if none of its threads
  has run since the last sample.  It writes what it read before, at most five
  seconds ago, with as_of_ms and a note "as_of".  Other processes may have
  changed amounts such as PSS since then.
""",
    ),
    (
        "file",
        PROSE,
        """\
  memc writes a document beside FILE, as .FILE.memc-*, and renames it over FILE.
  FILE is therefore the old document or the whole new one at any time.  A stream
  starts FILE in the same way and then appends whole documents.  If an append
  fails, memc cuts off the part that it wrote.
  If FILE exists, it keeps its owner and mode.  Only you can read a new FILE.
  If FILE is no regular file (a device, a pipe, a terminal), memc opens it and
  writes to it.  A symbolic link is followed if it belongs to you or to root.
""",
    ),
    (
        "data",
        PROSE,
        """\
  A process has pid, timestamp_ms, total_rss_kb, total_vsize_kb, region_count
  and regions[].  A region has start, end, type, perm, size_kb, pathname if it
  has one, and the columns of the detail.  --all has processes[] and
  skipped_processes[].  docs/json.md in the sources lists every key.
  total_rss_kb is the sum over the regions, or comes from statm if the regions
  do not have it.  1 kB is 1024 bytes.  A value that the kernel did not give is
  null, never 0.  If a list is not whole, "notes" say why.
""",
    ),
    (
        "details (choose one; what each reads, and what it costs)",
        LIST,
        """\
  maps      the default: reads the layout, and the total RSS from statm.  Costs
            0.1 to 0.25 us a region
  --rss     reads maps, and page tables by PAGEMAP_SCAN (Linux 6.7), in calls of
            about 1 ms at most.  Gives rss_kb and swap_kb as smaps does; what
            page tables do not tell is null.  Costs 1.2 to 2.7 times as much as
            maps
  --uss     as --rss, and reads pagemap.  Gives also uss_kb, which only this
            process maps, and file_kb.  uss_kb is Private_* of smaps; but if
            others map a part of a huge page, it is all of that page or nothing.
            Costs 10 ms more for each touched GiB
  --pss     as --uss, and gives pss_kb as smaps does.  Reads kpagecount, which
            root can; of a process below 100 MiB it reads smaps, which is short
            then.  If pss_kb is null, a note says what is missing
  --smaps   reads smaps, which stalls the process: it may wait while the kernel
            walks the page tables of a region, 4 ms or more for each touched
            GiB.  Costs about 10 times as much as maps
  --totals  reads status and statm, no regions.  Costs microseconds.  With
            --smaps also reads smaps_rollup, which stalls the process as smaps
            does
""",
    ),
    (
        "",
        PROSE,
        """\
  If page tables cannot be scanned, rss_kb is null and "notes" say why.  For
  --max-stall memc estimates the stall: 20 ms for each GiB, or by the last
  sample of the process.
  If the estimate is over the limit, memc reads a cheaper detail, with a note.
  If the process replaces a region while memc reads maps, --rss, --uss or
  --pss, that region can be missing, without a note.
""",
    ),
    (
        "permissions",
        PROSE,
        """\
  You can read your own processes, unless they are not dumpable.  Processes of
  others need CAP_PERFMON (CAP_SYS_PTRACE before Linux 6.15), which root has.
  With --all, "skipped_processes" lists the processes that memc could not read.
  --rss and --uss of others' processes need CAP_SYS_PTRACE and
  CAP_DAC_READ_SEARCH; --pss of 100 MiB and more also needs CAP_SYS_ADMIN and
  to read /proc/kpagecount.  --totals needs no permission, unless /proc is
  mounted with hidepid.
""",
    ),
)
