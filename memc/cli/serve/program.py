"""Serve until a signal: secrets, sockets and the scanner, in this order."""

from __future__ import annotations

import os

from memc.cli.output import say
from memc.cli.serve.options import choose, scanner_of
from memc.cli.usage import UsageError
from memc.errors import MemcError
from memc.record.notify import Notify
from memc.serve.app import App
from memc.serve.listen import listen_at, remove, unix_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.serve.listen import Sockets
    from memc.serve.web import Secrets

__all__ = ["serve"]

DONE, WRONG = 0, 2


def serve(args: Namespace) -> int:
    """Serve; return the exit status.  Raises MemcError if memc cannot listen."""
    from memc.serve import prom, web  # what is missing is told first: they need extras

    _check_options(args)
    scanner = scanner_of(args, choose(args), say=say)
    try:
        secrets = _read_secrets(args)
    except MemcError as error:
        say(str(error))
        return WRONG
    sockets = _listen(args)
    collector = prom.Collector(scanner, names=args.names)
    app = App(collector.text, lambda: scanner.latest() is not None)
    first = [secrets]
    notify = Notify(os.environ)

    def start() -> None:
        scanner.start(args.interval)
        for where in _urls(args, sockets):
            say(f"serving {where}")
        notify.tell(READY=1)

    def read() -> web.Secrets:
        return first.pop() if first else _read_secrets(args)

    hooks = web.Hooks(start, lambda: notify.tell(STOPPING=1))
    try:
        web.serve(app, sockets, read, say=say, hooks=hooks)
    finally:
        if args.socket is not None:
            remove(args.socket)
    return DONE


def _check_options(args: Namespace) -> None:
    """Raise UsageError for options that do not go together."""
    if (args.tls_cert is None) != (args.tls_key is None):
        raise UsageError("TLS needs both: --tls-cert FILE and --tls-key FILE")
    if args.client_ca is not None and args.tls_cert is None:
        raise UsageError("--client-ca is of TLS: give --tls-cert and --tls-key, too")
    if args.listen is None:
        return
    is_known = args.auth_file is not None or args.client_ca is not None
    if args.insecure or (args.tls_cert is not None and is_known):
        return
    if not args.listen.is_local():
        lacks = [] if args.tls_cert else ["--tls-cert and --tls-key"]
        lacks += [] if is_known else ["--auth-file or --client-ca"]
        who = f"other machines can reach {args.listen.text}"
        give = f"give {', and '.join(lacks)}"
        raise UsageError(f"{who}: {give}; --insecure serves everybody")


def _read_secrets(args: Namespace) -> Secrets:
    """Return the context of TLS, and the users; None for what was not given.

    Raises MemcError if a file cannot be read, or is wrong.
    """
    context = users = None
    if args.tls_cert is not None:
        from memc.serve.tls import TlsFiles

        files = TlsFiles(args.tls_cert, args.tls_key, args.client_ca or "")
        context = files.context(say)
    if args.auth_file is not None:
        from memc.serve.auth import read_users

        users = read_users(args.auth_file)
    return context, users


def _listen(args: Namespace) -> Sockets:
    made = [] if args.listen is None else listen_at(args.listen)
    if args.socket is not None:
        made.append(unix_socket(args.socket))
    return made


def _urls(args: Namespace, sockets: Sockets) -> list[str]:
    """Return where the metrics are, for people to read."""
    made = []
    for each in sockets:
        name = each.getsockname()
        if isinstance(name, str):
            made.append(f"{name}: /metrics")
            continue
        host = f"[{name[0]}]" if ":" in name[0] else name[0]
        scheme = "http" if args.tls_cert is None else "https"
        made.append(f"{scheme}://{host}:{name[1]}/metrics")
    return made
