"""Which process the kernel would kill first: oom_score, and the rank by it."""

from __future__ import annotations

from memc.cgroups.members import read_members
from memc.errors import MemcError
from memc.proc.files import ProcessFiles
from memc.proc.rights import words_of
from memc.proc.root import list_pids
from memc.risks.risk import Risk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.cgroups.chain import Chain, Chains
    from memc.proc.root import Opened

__all__ = ["Scores"]

NAME, WORDS = "oom_score", "OOM score"
NEVER = -1000  # OOM_SCORE_ADJ_MIN: such a process is never chosen


class Scores:
    """The scores of the processes of a root; each is read once."""

    __slots__ = ("_chains", "_members", "_root", "_scores")

    def __init__(self, root: Opened, chains: Chains) -> None:
        self._root = root
        self._chains = chains
        self._scores: dict[int, int | None] = {}
        self._members: dict[str | None, list[int]] = {}

    def risk(self, files: ProcessFiles, chain: Chain | None) -> Risk:
        """Return the score, and the rank in the nearest control group with a limit.

        That group's processes are those that may be killed when it is at its limit.
        Without a limit it is the process's own group; if that is not known, all
        processes count.
        """
        risk = Risk(NAME, WORDS, None, is_kb=False)
        try:
            score = _number(files.read("oom_score"))
            adj = _number(files.read("oom_score_adj"))
        except OSError as error:
            risk.reason = f"oom_score: {words_of(error)}"
            return risk
        self._scores[files.pid] = score
        if score is None or adj is None:
            risk.reason = "oom_score and oom_score_adj: expected a number"
            return risk
        risk.value = score
        risk.more = {"oom_score_adj": adj}
        if adj == NEVER:
            risk.about = "never chosen to be killed (oom_score_adj -1000)"
            return risk
        path = _group_of(chain)
        rank, of = self._rank(files.pid, score, chain, path)
        risk.more |= {"rank": rank, "rank_of": of, "cgroup": path}
        own = chain is not None and path == chain.path
        where = f"in {path}" if path and not own else "in its control group"
        where = "of all" if path is None else where
        risk.about = f"number {rank} of {of} to be killed {where}"
        if adj:
            risk.about += f" (oom_score_adj {adj})"
        return risk

    def _rank(
        self, pid: int, score: int, chain: Chain | None, path: str | None
    ) -> tuple[int, int]:
        """Return the rank and the number of processes whose score is known."""
        if path not in self._members:
            self._members[path] = self._find_members(chain, path)
        pids = {*self._members[path], pid}
        known = [s for p in pids if (s := self._score(p)) is not None]
        return 1 + sum(other > score for other in known), len(known)

    def _find_members(self, chain: Chain | None, path: str | None) -> list[int]:
        if chain is not None and path is not None:
            try:
                return read_members(self._chains.mounts(), chain.version, path)
            except (MemcError, OSError):
                return []
        try:
            return list_pids(self._root)
        except MemcError:
            return []

    def _score(self, pid: int) -> int | None:
        if pid not in self._scores:
            try:
                with ProcessFiles(self._root, pid) as files:
                    self._scores[pid] = _number(files.read("oom_score"))
            except (MemcError, OSError):
                self._scores[pid] = None
        return self._scores[pid]


def _group_of(chain: Chain | None) -> str | None:
    if chain is None or not chain.groups:
        return None
    nearest = chain.nearest()
    return (nearest or chain.groups[0]).path


def _number(text: bytes) -> int | None:
    word = text.strip()
    digits = word.removeprefix(b"-")
    return int(word) if digits.isdigit() and len(digits) <= 10 else None
