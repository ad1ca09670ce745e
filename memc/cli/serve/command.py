"""``memc serve``: tell Prometheus what the memory of processes is, in groups."""

from __future__ import annotations

from memc.cli.common.parser import Parser, value
from memc.cli.output import print_text
from memc.cli.serve.options import add_scan_options
from memc.cli.usage import UsageError
from memc.human.numbers import path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["parser", "run"]

LISTEN = "127.0.0.1:9917"

DESCRIPTION = """\
Serve the memory of groups of processes to Prometheus: of services, containers
or users.  memc scans the processes in the background; a request never reads
/proc, it gets the last scan.  Pages: /metrics, /-/healthy, /-/ready.

An amount that is not known of each process of a group is left out, never 0.
If no scan is younger than three intervals, memc_up is 0 and there are no
groups.

memc serves this machine alone, unless --listen says otherwise.  Where other
machines can reach it, it needs TLS, and a password (--auth-file) or a
certificate (--client-ca) of those who ask.  The file of --auth-file has a line
USER:HASH for each user, and only its owner may read it; --hash makes a hash.
At SIGHUP memc reads the files of TLS and passwords again.  SIGTERM and SIGINT
end it.

It needs packages of its own: pip install 'memc[serve]'."""

EXAMPLES = """\
  memc serve                        http://127.0.0.1:9917/metrics
  memc serve --owners --detail uss  also what the memory is for, as root
  memc serve --listen :9917 --tls-cert crt --tls-key key --auth-file auth
  memc serve --once -o memc.prom    for node_exporter
  memc serve --unit > memc-serve.service
  (umask 077; echo "prom:$(memc serve --hash)" > auth)
"""

STATUS = """\
  0  a signal ended it, or what was asked for was printed
  1  memc cannot listen there, or --once failed
  2  the command line, a certificate or the file of passwords is wrong, or
     memc[serve] is missing
"""


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("serve", DESCRIPTION, EXAMPLES, STATUS)
    add_scan_options(made)
    _add_where(made)
    _add_printed(made)
    return made


def _add_where(made: Parser) -> None:
    where = made.add_argument_group("where, and to whom")
    where.add_argument(
        "--listen",
        metavar="HOST:PORT",
        help=f"the address; port 0 is a free one (default: {LISTEN})",
    )
    where.add_argument(
        "--socket",
        type=value(path),
        metavar="PATH",
        completes="file",
        help="listen at this Unix socket; also at --listen, if that is given",
    )
    where.add_argument(
        "--tls-cert",
        type=value(path),
        metavar="FILE",
        help="serve by TLS with this certificate, or chain, in PEM",
    )
    where.add_argument(
        "--tls-key", type=value(path), metavar="FILE", help="the key of --tls-cert"
    )
    where.add_argument(
        "--client-ca",
        type=value(path),
        metavar="FILE",
        help="serve only those whose certificate this CA signed",
    )
    where.add_argument(
        "--auth-file",
        type=value(path),
        metavar="FILE",
        help="serve only the users of this file, with their passwords",
    )
    where.add_argument(
        "--insecure",
        action="store_true",
        help="serve other machines without TLS or without asking who they are",
    )
    where.add_argument(
        "--names",
        choices=("memc", "process-exporter"),
        default="memc",
        help="what metrics are called: as memc does, or as process-exporter does "
        "(default: memc)",
    )


def _add_printed(made: Parser) -> None:
    printed = made.add_argument_group("print, and end")
    printed.add_argument(
        "--once", action="store_true", help="scan once, and print the metrics"
    )
    printed.add_argument(
        "-o",
        "--output",
        type=value(path),
        metavar="FILE",
        help="write what --once prints to FILE, whole or not at all, for all to read",
    )
    printed.add_argument(
        "--unit",
        nargs="?",
        const="unit",
        choices=("unit", "exact"),
        help="a unit of systemd that serves with these options; exact: what lets it "
        "read the memory of all processes, for memc-serve.service.d/exact.conf",
    )
    printed.add_argument(
        "--scrape-config",
        action="store_true",
        help="the part of prometheus.yml that scrapes it",
    )
    printed.add_argument(
        "--rules", action="store_true", help="alert rules for Prometheus"
    )
    printed.add_argument(
        "--dashboard", action="store_true", help="a dashboard for Grafana, in JSON"
    )
    printed.add_argument(
        "--hash",
        action="store_true",
        help="ask for a password, or read a line of stdin, and print its hash",
    )


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    if args.output is not None and not args.once:
        raise UsageError("--output is for --once: memc serve writes no file")
    _find_address(args)
    text = _printed(args, argv)
    if text is not None:
        print_text(text)
        return 0
    if args.once:
        from memc.cli.serve.once import print_once

        return print_once(args)
    from memc.cli.serve.lasting import last
    from memc.cli.serve.program import serve

    last()
    return serve(args)


def _find_address(args: Namespace) -> None:
    """Let `listen` be an address; None if there is just a socket."""
    from memc.serve.listen import address

    if args.listen is None and args.socket is not None:
        return
    try:
        args.listen = address(LISTEN if args.listen is None else args.listen)
    except ValueError as error:
        what = f"--listen: expected {error}, not '{args.listen}'"
        raise UsageError(what) from None


def _printed(args: Namespace, argv: list[str]) -> str | None:
    """Return what there is to print without a scan; None if memc shall serve."""
    if args.hash:
        from memc.cli.serve.password import ask
        from memc.serve.auth import hash_of

        return f"{hash_of(ask())}\n"
    from memc.cli.serve.printed import text_of

    return text_of(args, argv)
