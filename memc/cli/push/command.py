"""``memc push``: send what the memory of processes is for to a receiver of OTLP."""

from __future__ import annotations

import os

from memc.cli.common.parser import Parser, value, wrong
from memc.cli.output import say
from memc.cli.serve.options import add_scan_options, choose, scanner_of
from memc.cli.usage import UsageError
from memc.human.numbers import number, path
from memc.serve.instruments import LINES_MAX
from memc.serve.receiver import COMPRESSIONS, PROTOCOLS, header, receiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.serve.otlp import Pusher
    from memc.serve.receiver import Receiver

__all__ = ["parser", "run"]

DESCRIPTION = """\
Send how much memory groups of processes have to a receiver of OTLP, such as a
collector of OpenTelemetry: at once, and then every --interval, until a signal
ends it.  A push takes at most 5 seconds.  One that fails is told on stderr, and
so is the first that works again; nothing is kept for later, as the next scan is
newer.

Where an option is not given, OTEL_EXPORTER_OTLP_ENDPOINT, _PROTOCOL, _HEADERS,
_CERTIFICATE, _CLIENT_CERTIFICATE, _CLIENT_KEY, _COMPRESSION, _INSECURE and
_TIMEOUT hold, or those for metrics alone (OTEL_EXPORTER_OTLP_METRICS_...).
OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say who pushes.

It needs packages: pip install 'memc[otlp]', for gRPC 'memc[otlp-grpc]'."""

EXAMPLES = """\
  memc push                              to a collector on this machine
  memc push --endpoint https://example.org:4318 --owners
  memc push --protocol grpc --interval 30s --group container
  memc push --by process --name java --detail uss
  memc push --count 1                    once, for cron
with a secret, which no other user can see:
  OTEL_EXPORTER_OTLP_HEADERS=api-key=secret memc push
"""

STATUS = """\
  0  a signal ended it, or all pushes of --count worked
  1  one of the pushes of --count failed, or a process could not be read
  2  the command line or a variable is wrong, --ca cannot be read, or a package
     is missing
"""


def _header(text: str) -> tuple[str, str]:
    try:
        return header(text)
    except ValueError as error:  # the text may be a secret
        raise wrong(f"expected {error}") from None


def parser() -> Parser:
    """Return the options and their help."""
    made = Parser("push", DESCRIPTION, EXAMPLES, STATUS)
    add_scan_options(made)
    where = made.add_argument_group("where to")
    where.add_argument(
        "--endpoint",
        metavar="URL",
        help="the receiver (default: http://127.0.0.1:4318, for gRPC :4317); over HTTP "
        "/v1/metrics is added",
    )
    where.add_argument(
        "--protocol", choices=PROTOCOLS, help="how to send (default: http)"
    )
    where.add_argument(
        "--header",
        action="append",
        type=_header,
        metavar="NAME=VALUE",
        default=[],
        help="send this header, too; may be repeated; for a secret set "
        "OTEL_EXPORTER_OTLP_HEADERS, which other users cannot see",
    )
    where.add_argument(
        "--ca",
        type=value(path),
        metavar="FILE",
        help="trust the certificates in this file, in PEM form (default: those that "
        "the system trusts)",
    )
    where.add_argument(
        "--compress", choices=COMPRESSIONS, help="how to pack (default: gzip)"
    )
    what = made.add_argument_group("what to push")
    what.add_argument(
        "--by",
        choices=("process",),
        help=f"also push single processes, the {LINES_MAX:,} largest at most",
    )
    what.add_argument(
        "--count", type=value(number), metavar="N", help="end after N pushes"
    )
    return made


def run(argv: list[str]) -> int:
    """Run the command and return its exit status."""
    args = parser().read(argv)
    choice = choose(args)
    to = _receiver(args)
    from memc.cli.push.loop import Loop
    from memc.cli.serve.lasting import last

    last()
    pusher = _pusher(to, choice.proc)
    scanner = scanner_of(args, choice, say=say, by_process=LINES_MAX if args.by else 0)
    loop = Loop(
        scanner,
        pusher,
        interval_ms=args.interval,
        duty=args.duty,
        where=to.where,
        say=say,
        count=args.count,
    )
    return loop.run()


def _pusher(to: Receiver, proc: str) -> Pusher:
    """Return what pushes.  Raises ModuleNotFoundError without the SDK."""
    from memc.cli.push.quiet import quiet
    from memc.serve.identity import attributes

    with quiet(say):
        from memc.serve.otlp import Pusher

        return Pusher(to, attributes(os.environ, proc))


def _receiver(args: Namespace) -> Receiver:
    """Return where to push to.  Raises UsageError."""
    try:
        return receiver(
            os.environ,
            endpoint=args.endpoint,
            protocol=args.protocol,
            headers=args.header,
            ca=args.ca,
            compress=args.compress,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
