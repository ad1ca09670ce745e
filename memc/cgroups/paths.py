"""What the path of a control group tells: the container, the pod and the service.

Runtimes and systemd name the groups that they make.  memc goes by these names alone and
asks no daemon.  `CONTAINERS` and `PODS` are the rules.  A path is read from its top
down, so the deepest container counts, such as that of a pod in a node that is itself a
container.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["Place", "identify", "paths_in", "place_of", "plain"]

ID = r"(?P<id>[0-9a-f]{64})"  # what docker, containerd, cri-o and podman make up
PART = r"(?P<id>[0-9a-f]{12,64})"  # behind the name of a runtime, which says enough
TASK = r"(?P<id>[0-9a-f]{64}|[0-9a-f]{32}-\d+)"  # the second on Fargate
GUID = r"[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}"
UID = rf"(?P<id>{GUID}|[0-9a-f]{{32}})"  # 32 digits: a pod from a file of the node
NAME = r"(?P<id>[^/]+)"
DASH = r"(?:-|\\x2d)"  # systemd escapes a "-" in a name
NUMBER = rf"(?:\d+{DASH})?"  # libvirt counts its machines

# The runtime, and what the path ends with at the container's own group.  A rule sees
# the last three parts, and the first rule that matches is taken.
CONTAINERS = [
    # A scope of systemd.  Without systemd its name may have no ".scope".
    ("docker", rf"docker-{PART}(?:\.scope)?"),
    ("containerd", rf"(?:cri-containerd|containerd|nerdctl)-{PART}(?:\.scope)?"),
    ("cri-o", rf"crio-{PART}(?:\.scope)?"),
    ("podman", rf"libpod-(?:payload-)?{PART}(?:\.scope)?"),
    ("kata", rf"kata-{PART}(?:\.scope)?"),
    ("buildkit", rf"buildkit-{PART}(?:\.scope)?"),
    # "slice:prefix:id" for systemd, which a runtime without systemd took for a path.
    ("docker", rf"[^/:]*:docker:{PART}"),
    ("containerd", rf"[^/:]*:(?:cri-containerd|containerd|nerdctl):{PART}"),
    ("cri-o", rf"[^/:]*:crio:{PART}"),
    ("podman", rf"[^/:]*:libpod:{PART}"),
    ("?", rf"[^/:]*:[\w-]+:{PART}"),
    # Below a group with the name of the runtime, or of a namespace of containerd.
    ("docker", rf"(?:docker|moby|actions_job)/{ID}"),
    ("containerd", rf"(?:default|k8s\.io|containerd)/{ID}"),
    ("ecs", rf"ecs/(?:[^/]+/)?{TASK}"),
    ("garden", rf"garden/(?P<id>[0-9a-f]{{64}}|{GUID})"),
    ("mesos", rf"mesos/(?P<id>[0-9a-f]{{64}}|{GUID})"),
    # These have names.
    ("lxc", rf"lxc/{NAME}"),
    ("lxc", rf"lxc\.payload[./]{NAME}"),
    ("libvirt-qemu", rf"machine-qemu{DASH}{NUMBER}{NAME}\.scope"),
    ("libvirt-qemu", rf"libvirt/qemu/{NAME}"),
    ("libvirt-qemu", rf"{NAME}\.libvirt-qemu"),
    ("libvirt-lxc", rf"machine-lxc{DASH}{NUMBER}{NAME}\.scope"),
    ("libvirt-lxc", rf"libvirt/lxc/{NAME}"),
    ("libvirt-lxc", rf"{NAME}\.libvirt-lxc"),
    ("nspawn", rf"machine-{NAME}\.scope"),
    ("nspawn", rf"systemd-nspawn@{NAME}\.service"),
    ("slurm job", r"(?:slurm[^/]*|[^/]*slurmstepd\.scope|uid_\d+)/job_(?P<id>\w+)"),
    # Nothing else is named by 64 hexadecimal digits.  The pod tells who made it.
    ("", ID),
]

# The last part of the path of a pod of the kubelet (with systemd or not) or of podman.
PODS = [
    rf"(?:[^/]*-)?pod{UID}(?:\.slice)?(?::[^/]*)?",
    r"[^/]*libpod_pod_(?P<id>[0-9a-f]{64})(?:\.slice)?",
    r"libpod_parent/(?P<id>[0-9a-f]{64})",
]

# A unit of systemd that has processes, but not that of a system manager itself.
UNIT = r"(?!init\.scope$).+\.(?:service|scope|socket|mount|swap)"
MONITOR = r"(?:crio|libpod)-conmon-.*"  # looks after a container, and is outside of it
USER_MANAGER = r"user@[^/]*\.service"  # the service only if there is none below it


def _ends(rule: str) -> re.Pattern[str]:
    return re.compile(rf"(?:.*/)?(?:{rule})", re.DOTALL)


CONTAINER_RULES = [(runtime, _ends(rule)) for runtime, rule in CONTAINERS]
POD_RULES = [_ends(rule) for rule in PODS]
SERVICE = re.compile(rf"{UNIT}|{MONITOR}", re.DOTALL)
MANAGER = re.compile(USER_MANAGER)
ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")
SEEN = 3  # parts of a path that a rule sees


class Place:
    """Where a process runs.  None is what the path does not tell.

    - `container`: the ID or the name of the container;
    - `runtime`: what made the container, "?" if only its ID is known;
    - `pod`: the UID of the pod;
    - `service`: the unit of systemd, inside the container if there is one.
    """

    __slots__ = ("container", "pod", "runtime", "service")

    def __init__(self) -> None:
        self.container: str | None = None
        self.runtime: str | None = None
        self.pod: str | None = None
        self.service: str | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is known."""
        return bool(self.container or self.pod or self.service)

    def __repr__(self) -> str:
        """Show what is known."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        known = [f" {name}={value!r}" for name, value in values if value is not None]
        return f"<Place{''.join(known)}>"


def paths_in(text: bytes) -> list[str]:
    """Return the paths in the text of /proc/PID/cgroup, the one that counts first.

    That is the group of the memory controller (version 1), then the group of version 2,
    then the group by which systemd names things.  "/" tells least and is last.
    """
    return [*_paths_in(text)]


@lru_cache(maxsize=1024)
def _paths_in(text: bytes) -> tuple[str, ...]:
    """Return the paths in a text, which many processes share."""
    found: dict[str, str] = {}
    for line in text.decode("utf-8", "surrogateescape").split("\n"):
        number, _, rest = line.partition(":")
        controllers, is_there, path = rest.partition(":")
        kind = "memory" if "memory" in controllers.split(",") else controllers
        if is_there and (kind or number == "0"):
            found.setdefault(kind, path)
    paths = [found[kind] for kind in ("memory", "", "name=systemd") if kind in found]
    return tuple(sorted(paths, key="/".__eq__))


def place_of(paths: list[str]) -> Place:
    """Return what the first of these paths tells that tells anything."""
    return next(filter(None, map(identify, paths)), Place())


@lru_cache(maxsize=4096)
def identify(path: str) -> Place:
    """Return what the path of a control group tells.  Many processes share a path."""
    parts = [part for part in path.removesuffix(" (deleted)").split("/") if part]
    while parts[:1] == [".."]:  # the group is outside of the namespace of memc
        del parts[0]
    place = Place()
    for i in range(len(parts)):
        _descend(place, "/".join(parts[max(i + 1 - SEEN, 0) : i + 1]), parts[i])
    return place


def _descend(place: Place, end: str, part: str) -> None:
    """Take the next part of a path into account; `end` is how the path ends with it."""
    is_pod = any(_find_pod(place, rule.fullmatch(end)) for rule in POD_RULES)
    is_container = any(
        _find_container(place, runtime, rule.fullmatch(end))
        for runtime, rule in CONTAINER_RULES
        if runtime or not is_pod
    )
    if is_pod or is_container:
        place.service = None  # what holds a container is not in it
    elif SERVICE.fullmatch(part) and not (place.service and MANAGER.fullmatch(part)):
        place.service = part


def _find_pod(place: Place, match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    place.pod = match["id"].replace("_", "-")
    return True


def _find_container(place: Place, runtime: str, match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    place.container = plain(match["id"])
    place.runtime = runtime or _maker(place.pod)
    return True


def _maker(pod: str | None) -> str:
    """Return what makes containers without a name of their own in this pod."""
    if pod is None:
        return "?"
    return "podman" if len(pod) == 64 else "kubernetes"  # the kubelet has shorter UIDs


def plain(name: str) -> str:
    r"""Return a name in which systemd escaped bytes, such as ``\x2d``.

    A text that is of no bytes, which only a document can have, stays as it is.
    """
    if "\\" not in name:
        return name
    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name
    plain = ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), data)
    return plain.decode("utf-8", "surrogateescape")
