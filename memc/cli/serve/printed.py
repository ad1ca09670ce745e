"""The files that go with ``memc serve``, for the options that it was given."""

from __future__ import annotations

import os

from memc.cli.common.service import program, quoted, say_if_hidden
from memc.cli.usage import UsageError
from memc.serve.shipping import shipped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from memc.serve.listen import Listen

__all__ = ["text_of"]

FILES = ("--tls-cert", "--tls-key", "--client-ca", "--auth-file")
EVERY = ("", "::", "0.0.0.0")  # noqa: S104 - nothing is bound to it


def text_of(args: Namespace, argv: list[str]) -> str | None:
    """Return the file that the options ask for; None if they ask for none."""
    if args.unit == "exact":
        return shipped("exact")
    if args.unit is not None:
        return _unit(argv)
    if args.scrape_config:
        return _scrape_config(args)
    return next(
        (shipped(kind) for kind in ("rules", "dashboard") if vars(args)[kind]), None
    )


def _unit(argv: list[str]) -> str:
    """Return the unit that serves with these options, but for --unit.

    The files that only root may read are credentials of the unit.
    """
    memc = program()
    say_if_hidden(memc[0])
    line = [*map(quoted, memc), "serve"]
    credentials: dict[str, str] = {}
    words = iter(argv)
    is_kind = False
    for word in words:
        name, given, path = word.partition("=")
        if name in FILES:
            credential = name.removeprefix("--")
            credentials[credential] = path if given else next(words)
            line += [name, f"%d/{credential}"]
        elif word == "--unit":
            is_kind = True  # its value may be the next word
            continue
        elif word != "--unit=unit" and not (is_kind and word == "unit"):
            line.append(quoted(word))
        is_kind = False
    return shipped("unit", command=" ".join(line), credentials=credentials)


def _scrape_config(args: Namespace) -> str:
    where: Listen | None = args.listen
    if where is None:
        raise UsageError("Prometheus cannot ask at --socket: give --listen, too")
    host = os.uname().nodename if where.host in EVERY else where.host
    seconds, rest_ms = divmod(args.interval, 1000)
    return shipped(
        "scrape-config",
        target=f"[{host}]:{where.port}" if ":" in host else f"{host}:{where.port}",
        interval=f"{args.interval}ms" if rest_ms else f"{seconds}s",
        tls=args.tls_cert is not None,
        auth=args.auth_file is not None,
    )
