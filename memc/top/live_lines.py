"""The lines of living processes, from one look to the next."""

from __future__ import annotations

from memc.errors import ProcessError
from memc.human.units import safe
from memc.human.users import user_name
from memc.proc.files import ProcessFiles
from memc.targets.facts import Facts
from memc.top.moment import POINTS, Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.proc.root import Opened
    from memc.record.followed import Followed

__all__ = ["Living"]

MINUTE_MS, MS = 60_000, 1000
SOON_MS = 900  # a growth over less time tells nothing
NEEDS = ("uid", "cgroup", "cmdline")
# After so many looks a process that was met young may have another user, control group
# or command line.  Those that were there before are asked once, a few at each look.
AGAIN, LATER, SPREAD = (2, 10), 10, 50


class Living:
    """A process that lives, and its last line; `key` is that of the line.

    With `is_young` it began not long ago.  `amounts` are what `memc.record.usage` told
    last: RSS, size, anonymous, file, shared memory and swap, in kB.
    """

    __slots__ = (
        "_again",
        "_faults",
        "_first",
        "_looks",
        "_slot",
        "amounts",
        "followed",
        "key",
        "line",
    )

    def __init__(self, followed: Followed, key: int, *, is_young: bool) -> None:
        self.followed = followed
        self.key = key
        self.amounts: tuple[int | None, ...] = (None,) * 6
        self.line = Line(key=key, pid=followed.pid)
        self._faults: tuple[int, int] | None = None  # how many, and when
        self._first: tuple[int, int | None] | None = None  # when, and its RSS
        self._slot = 0
        self._looks = 0
        self._again = AGAIN if is_young else (LATER + key % SPREAD,)

    def update(
        self, root: Opened, at_ms: int, *, step_ms: int, is_changed: bool
    ) -> Line:
        """Return the line of this look; it is the one before if nothing changed."""
        self._looks += 1
        texts = self._texts(root) if self._looks in self._again else {}
        is_slot_new = self._remember(at_ms // step_ms)
        faults_s = self._faults_s(at_ms)
        old = self.line
        if is_changed or is_slot_new or texts or faults_s != old.faults_s:
            self.line = self._make(at_ms, step_ms, faults_s, texts)
        return self.line

    def meet(self, root: Opened, at_ms: int, *, step_ms: int) -> None:
        """Read who it is: it is new, or runs another program, or has another name."""
        texts = self._texts(root)
        if self._first is None:
            self._first, self._slot = (at_ms, self.amounts[0]), at_ms // step_ms
            self.line.history.append(None)
        self.line = self._make(at_ms, step_ms, self.line.faults_s, texts)

    def _make(
        self, at_ms: int, step_ms: int, faults_s: float | None, texts: dict[str, str]
    ) -> Line:
        followed, old = self.followed, self.line
        rss, _, anon, file, shmem, swap = self.amounts
        same = followed.same_as
        history = old.history
        if history:
            history[-1] = rss
        return Line(
            key=self.key,
            pid=followed.pid,
            ppid=followed.parent,
            state=followed.state,
            threads=followed.threads,
            rss_kb=rss,
            anon_kb=anon,
            file_kb=file,
            shmem_kb=shmem,
            swap_kb=swap,
            uss_kb=old.uss_kb,
            regions=old.regions,
            faults_s=faults_s,
            rate_kb_min=self._rate(at_ms, step_ms),
            history=history,
            is_kernel=not followed.vsize and same is None and not followed.is_zombie(),
            same_as=None if same is None else same.pid,
            name=texts.get("name", old.name),
            cmdline=texts.get("cmdline", old.cmdline),
            user=texts.get("user", old.user),
            cgroup=texts.get("cgroup", old.cgroup),
            container=texts.get("container", old.container),
            service=texts.get("service", old.service),
        )

    def _texts(self, root: Opened) -> dict[str, str]:
        """Return what a process is called and where it belongs, safe to show."""
        facts = Facts()
        try:
            with ProcessFiles(root, self.followed.pid) as files:
                if files.identity()[1] == self.followed.started:
                    facts.read(files, NEEDS)
        except (OSError, ProcessError):
            pass
        name = safe(self.followed.name.decode("utf-8", "surrogateescape"))
        place = facts.place
        return {
            "name": name,
            "cmdline": safe(" ".join(facts.arguments or ())),
            "user": "" if facts.uid is None else safe(user_name(facts.uid)),
            "cgroup": safe(facts.paths[0]) if facts.paths else "",
            "container": safe(place.container or ""),
            "service": safe(place.service or "") or name,
        }

    def _remember(self, slot: int) -> bool:
        """Begin a point of the history if it is time; tell whether it was."""
        if slot == self._slot:
            return False
        history = self.line.history
        history.extend([None] * min(slot - self._slot - 1, POINTS))
        history.append(self.line.rss_kb)
        del history[:-POINTS]
        self._slot = slot
        return True

    def _faults_s(self, at_ms: int) -> float | None:
        """Return how many page faults there were in a second since the last look."""
        now = self.followed.minflt + self.followed.majflt
        before, self._faults = self._faults, (now, at_ms)
        if before is None or at_ms <= before[1]:
            return self.line.faults_s
        return max(0, now - before[0]) * MS / (at_ms - before[1])

    def _rate(self, at_ms: int, step_ms: int) -> float | None:
        """Return the growth in a minute: since five minutes, or since it was met."""
        history, rss = self.line.history, self.amounts[0]
        if self._first is None or rss is None:
            return None
        begin_ms, first = self._first
        if first is None or len(history) == POINTS:
            at = next(at for at, kb in enumerate(history) if kb is not None)
            first = history[at]
            # A point has what there was at its end.
            begin_ms = (self._slot - len(history) + 2 + at) * step_ms
        passed_ms = at_ms - begin_ms
        if first is None or passed_ms < SOON_MS:
            return None
        return (rss - first) * MINUTE_MS / passed_ms
