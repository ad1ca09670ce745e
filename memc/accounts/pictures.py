"""The picture of an account: its lines, which add up."""

from __future__ import annotations

from memc.human.picture import Bar, Picture
from memc.human.units import human
from memc.table.pictures import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.accounts.account import Account

__all__ = ["of_account"]


def of_account(account: Account) -> Picture:
    """Return the lines of an account, and what is not explained."""
    lines = [(line.name, line.kb) for line in account.lines]
    lines.append(("unexplained", account.unexplained_kb))
    total = account.total_kb
    bars = [Bar(name, kb, [_share(kb, total)]) for name, kb in lines if kb is not None]
    unread = account.processes_unread
    made = Picture(
        f"{account.title}: {human(total)}",
        bars,
        what="LINE",
        amount="AMOUNT",
        heads=["SHARE"],
        facts=[
            f"{account.processes_read:,} processes read",
            f"{unread:,} could not be read" if unread else None,
        ],
        is_sum=True,
    )
    say(made, account.notes)
    return made


def _share(kb: int, total: int | None) -> str:
    return f"{100 * kb / total:.1f} %" if total else "-"
