"""The account of ``memc machine`` for other programs: JSON and CSV, in kB."""

from __future__ import annotations

from memc.cli.common.data import json_of
from memc.human.csv_text import csv_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.accounts.account import Account
    from memc.table.document import Json

__all__ = ["csv_text", "json_text"]


def json_text(account: Account) -> str:
    """Return the JSON document, and a newline."""
    return json_of(account.to_dict())


def csv_text(account: Account) -> str:
    """Return the account as CSV: the total, each line, each part of it, and the rest.

    A row of a part has both names; a sum over the rows without a part is the total.
    """
    rows: list[tuple[Json, Json, Json]] = []
    for line in account.lines:
        rows.append((line.name, None, line.kb))
        rows += [(line.name, part.name, part.kb) for part in line.parts]
    if account.total_kb is not None:
        rows.append(("unexplained", None, account.unexplained_kb))
    names, parts, amounts = zip(*rows, strict=True)
    return csv_of({"name": names, "part": parts, "kb": amounts})
