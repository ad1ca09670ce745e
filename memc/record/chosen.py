"""The processes that the user means, judged anew as processes appear and change.

A named pid is the process that has it at the first look.  A tree has the descendants of
its top that appear later.  Tests (name, user, control group, ...) judge each process
when it appears, has another name or runs another program, and now and then all others.
"""

from __future__ import annotations

import os

from memc.record.followed import Seen
from memc.targets.meant import passes, tests_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.record.followed import Followed
    from memc.targets.choice import Choice

__all__ = ["Chosen"]

AGAIN = 10  # looks: a user or a control group may change and nothing tells


class Chosen:
    """Finds among all processes those of a choice.

    `met` are those of the last look that are meant from now on and were there before,
    and `parted` those that are meant no more.
    """

    def __init__(self, choice: Choice, root: Opened) -> None:
        self.met: list[Followed] = []
        self.parted: list[Followed] = []
        self._choice = choice
        self._root = root
        self._tests = tests_of(choice)
        self._looks = 0
        self._base: set[Followed] = set()  # of the named pids and the trees
        self._meant: set[Followed] = set()
        self._ours: set[int] = {os.getpid()} if choice.proc == "/proc" else set()
        if choice.match is not None:
            from memc.targets.asking import asking

            self._ours |= asking(root)
        self._ours -= {*choice.pids}

    def choose(self, seen: Seen) -> Seen:
        """Return what was seen of the processes that are meant."""
        self._find_base(seen)
        changed = {*seen.started, *seen.executed, *(f for f, _ in seen.renamed)}
        before = self._meant
        others = seen.alive if self._looks % AGAIN == 0 else ()
        self._looks += 1
        asked = changed | {each for each in others if each not in before}
        passed = {each for each in asked if self._is_meant(each)}
        self._meant = (before - asked - {*seen.ended}) | passed
        chosen = Seen()
        chosen.alive = [each for each in seen.alive if each in self._meant]
        chosen.started = [each for each in seen.started if each in passed]
        chosen.executed = [each for each in seen.executed if each in passed]
        chosen.changed = [each for each in seen.changed if each in self._meant]
        chosen.renamed = [pair for pair in seen.renamed if pair[0] in before & passed]
        chosen.ended = [each for each in seen.ended if each in before]
        told = {*seen.started, *seen.executed}
        self.met = [each for each in passed if each not in before | told]
        self.parted = [each for each in before & asked if each not in passed]
        return chosen

    def _find_base(self, seen: Seen) -> None:
        self._base.difference_update(seen.ended)
        choice = self._choice
        if not self._looks:
            pids = {*choice.pids, *choice.trees}
            self._base = {each for each in seen.alive if each.pid in pids}
        if not choice.trees:
            return
        by_pid = {each.pid: each for each in seen.alive}
        for each in seen.alive if not self._looks else seen.started:
            line = [each]
            while (parent := by_pid.get(line[-1].parent)) and parent not in line:
                line.append(parent)
            at = next((i for i, one in enumerate(line) if self._is_top(one)), 0)
            self._base.update(line[:at])

    def _is_top(self, followed: Followed) -> bool:
        """Tell whether the children of a process are meant."""
        if not self._looks:
            return followed.pid in self._choice.trees
        return followed in self._base and (
            followed.pid not in self._choice.pids or followed.pid in self._choice.trees
        )

    def _is_meant(self, followed: Followed) -> bool:
        choice = self._choice
        is_named = bool(choice.pids or choice.trees) and not choice.every
        if followed not in self._base and (is_named or followed.pid in self._ours):
            return False
        return passes(self._root, followed.pid, self._tests)
