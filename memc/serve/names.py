r"""Names of groups that cannot multiply: no pid, no digits that count, no path.

A group of processes is a time series for as long as its name stays.  A name is made of
the innermost part of the control group that a person named::

    /system.slice/nginx.service                           nginx.service
    /system.slice/system-postgresql.slice/postgresql@15-main.service
                                                          postgresql@.service
    /user.slice/user-1000.slice/session-3.scope           session
    .../app.slice/app-gnome-firefox-4242.scope            app-gnome-firefox.scope
    /system.slice/run-u123.service                        run.service
    /system.slice/docker-9c3f....scope                    container:9c3f52a1b7d0
    /machine.slice/machine-qemu\x2d1\x2dvm.scope          machine-qemu-vm.scope
"""

from __future__ import annotations

import re
from functools import lru_cache

from memc.cgroups.paths import identify, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from memc.targets.target import Target

__all__ = ["BY", "bounded", "name_of"]

NAMELESS = "(no name)"
SUFFIX = re.compile(r"\.(?:service|scope|slice|socket|mount|swap)$")
GUID = r"[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}"
# A part of a hash, which has a digit: "facade" is a word.
HASH = r"(?=[0-9a-f]*\d)[0-9a-f]{6,}"
SEPARATORS, BEGIN, END = r"[-_.:]*", r"(?<![^\W_])", r"(?![^\W_])"
# A person names a service: only what stands alone there is of a program.
OF_SERVICE = re.compile(rf"{SEPARATORS}{BEGIN}(?:{GUID}|{HASH}|\d+){END}")
# systemd names what systemd-run starts: run-u12, run-r5f3a..., run-p12-i34.
TRANSIENT = re.compile(rf"run(?:-(?:[a-z]?\d+|r?[0-9a-f]{{8,}}|{GUID}))+")
# A program names scopes and folders, so all digits there are.
OF_SCOPE = re.compile(rf"{SEPARATORS}(?:{GUID}|(?:{BEGIN}|(?<=pod)){HASH}|\d+)")
SESSION = re.compile(r"session-c?\d+\.scope")
# In the name of a program only digits behind these count: kworker/0:1, pool-7.
OF_NAME = re.compile(r"[-/:#]\d+")
ID = re.compile(rf"[0-9a-f]{{12,64}}(?:-\d+)?|{GUID}")
LONG_ID = re.compile(r"[0-9a-f]{64}")
DIGITS = 12  # of the ID of a container
JOB = "slurm job"  # its name is a number, and there is one after the other


def bounded(part: str) -> str:
    """Return a part of the path of a control group without what multiplies.

    The result is empty if nothing is left.
    """
    part = plain(part)
    if SESSION.fullmatch(part):
        return "session"
    suffix = SUFFIX.search(part)
    kind = suffix[0] if suffix else ""
    stem = part.removesuffix(kind)
    template, at, _ = stem.partition("@")  # the instance is of a person, or a number
    if kind == ".service":
        stem = "run" if TRANSIENT.fullmatch(template) else OF_SERVICE.sub("", template)
    else:
        stem = OF_SCOPE.sub("", template)
    stem = stem.strip("-_.: ")
    return f"{stem}{at}{kind}" if stem else ""


@lru_cache(maxsize=4096)
def service(path: str) -> str:
    """Return the name of the innermost service or container; "" without one."""
    place = identify(path)
    if place.service is not None:
        found = bounded(place.service)
        if found:
            return found
    if place.container is not None:
        return _container(path, place.container, place.runtime)
    return next(filter(None, map(bounded, _parts(path)[::-1])), "")


def container(path: str) -> str:
    """Return the name of the innermost container; "" without one."""
    place = identify(path)
    if place.container is None:
        return ""
    return _container(path, place.container, place.runtime)


def _container(path: str, name: str, runtime: str | None) -> str:
    """Return 12 digits of an ID, or a name that a person gave."""
    if ID.fullmatch(name):
        digits = name.replace("-", "").replace("_", "")
        return f"container:{digits[:DIGITS]}"
    if runtime == JOB:
        return JOB
    unit = next((part for part in _parts(path)[::-1] if name in plain(part)), "")
    if SUFFIX.search(unit) and (found := bounded(unit)):
        return found
    return f"container:{name}"


@lru_cache(maxsize=4096)
def group(path: str) -> str:
    """Return a path without what multiplies."""
    return "/" + "/".join(filter(None, map(_short, _parts(path))))


def _short(part: str) -> str:
    found = LONG_ID.search(part) or ID.fullmatch(part)
    if found is None:
        return bounded(part)
    return part.replace(found[0], found[0][:DIGITS])


def _parts(path: str) -> list[str]:
    """Return the parts of a path, but not those that lead out of a namespace."""
    parts = path.removesuffix(" (deleted)").split("/")
    return [part for part in parts if part not in ("", "..")]


def _by_service(target: Target) -> str:
    paths = target.facts.paths or []
    for path in (*filter(identify, paths), *paths):  # first what tells most
        if found := service(path):
            return found
    return _by_name(target)


def _by_container(target: Target) -> str:
    paths = target.facts.paths
    if paths is None:
        return "(not known)"
    return next(filter(None, map(container, paths)), "(no container)")


def _by_group(target: Target) -> str:
    paths = target.facts.paths
    return group(paths[0]) if paths else "(not known)"


def _by_user(target: Target) -> str:
    from memc.human.users import user_name

    uid = target.facts.uid
    return "(not known)" if uid is None else user_name(uid)


def _by_name(target: Target) -> str:
    return OF_NAME.sub("", target.name) or NAMELESS


# What processes can be grouped by, and what gives the name of their group.
BY: dict[str, Callable[[Target], str]] = {
    "service": _by_service,
    "cgroup": _by_group,
    "container": _by_container,
    "name": _by_name,
    "user": _by_user,
}


def name_of(target: Target, by: str) -> str:
    """Return the name of the group of a process."""
    return BY[by](target)
