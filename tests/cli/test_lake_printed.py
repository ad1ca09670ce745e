"""The files that ``memc lake`` prints: whole, and with the least rights."""

import os
import re
import shutil
import subprocess
import tempfile

import pytest
import yaml
from support.commands import COMMANDS, NATIVE

import memc
from memc.cli.commands import parser_of
from memc.cli.lake.options import parser
from memc.fleet.shipping import KINDS, shipped

CONTAINED = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=-all", "--bounding-set=-all,+perfmon", "--no-new-privs"),
)
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
RIGHTS = f"{CONTAINER}.securityContext"
IMAGE = f"registry.example/memc:{memc.__version__}"
# Each line of what the manifest may and may not: where, what, and why.
MANIFEST = [
    ("kind", "DaemonSet", "one on each node"),
    (f"{CONTAINER}.image", IMAGE, "the version that printed it"),
    (f"{POD}.hostPID", True, "it sees the processes of the node"),
    (f"{RIGHTS}.capabilities.add", ["PERFMON"], "it reads smaps of others"),
    (f"{RIGHTS}.capabilities.drop", ["ALL"], "and may do nothing else"),
    (f"{POD}.securityContext.runAsUser", 65534, "it is nobody"),
    (f"{POD}.securityContext.runAsNonRoot", True, "whatever the image says"),
    (f"{RIGHTS}.readOnlyRootFilesystem", True, "it writes nothing"),
    (f"{RIGHTS}.allowPrivilegeEscalation", False, "it gets no more than that"),
    (f"{RIGHTS}.privileged", False, "that would be every right"),
    (f"{POD}.securityContext.seccompProfile.type", "RuntimeDefault", "usual calls"),
    (f"{POD}.automountServiceAccountToken", False, "it asks the cluster nothing"),
    (f"{POD}.hostNetwork", None, "it needs no network of the node"),
    (f"{POD}.hostIPC", None, "nor its shared memory"),
    (f"{POD}.volumes", ["secret"], "no folder of the node"),
    (f"{CONTAINER}.volumeMounts.0.readOnly", True, "the certificate"),
    (f"{POD}.tolerations.0.operator", "Exists", "every node"),
    (f"{CONTAINER}.resources.limits.memory", "256Mi", "it cannot hurt the node"),
    (f"{CONTAINER}.args.1", "serve", "it is memc serve"),
    ("spec.template.metadata.annotations.prometheus.io/scrape", "true", "found"),
    ("spec.template.metadata.annotations.prometheus.io/port", "9917", "the port"),
    ("spec.template.metadata.annotations.prometheus.io/scheme", "https", "by TLS"),
]


def at(document, path):
    """Follow a path; `prometheus.io` is one name in it."""
    found = document
    for part in re.split(r"(?<!prometheus)\.", path):
        found = found[int(part)] if part.isdigit() else found.get(part)
    return found


@pytest.fixture(scope="module")
def manifest():
    (document,) = yaml.safe_load_all(shipped("daemonset"))
    return document


@pytest.mark.parametrize("case", MANIFEST, ids=lambda case: case[0])
def test_daemonset_has_the_least_rights(manifest, case):
    path, expected, _ = case
    found = at(manifest, path)
    if path.endswith("volumes"):
        found = [kind for volume in found for kind in volume if kind != "name"]
    assert found == expected


def test_daemonset_selects_its_own_pods(manifest):
    labels = at(manifest, "spec.template.metadata.labels")
    assert at(manifest, "spec.selector.matchLabels") == labels


def test_daemonset_asks_for_certificates(manifest):
    args = at(manifest, f"{CONTAINER}.args")
    (mount,) = at(manifest, f"{CONTAINER}.volumeMounts")
    files = [arg.partition("=")[2] for arg in args if "/tls/" in arg]
    assert len(files) == 3
    assert all(os.path.dirname(file) == mount["mountPath"] for file in files)
    assert "--insecure" not in args
    listens = f"--listen=0.0.0.0:{at(manifest, f'{CONTAINER}.ports.0.containerPort')}"
    assert listens in args


def test_options_of_the_daemonset_are_those_of_serve(manifest):
    args = at(manifest, f"{CONTAINER}.args")[2:]
    known = {n for a in parser_of("serve")._actions for n in a.option_strings}
    assert {arg.partition("=")[0] for arg in args} <= known


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become nobody")
def test_a_file_keeps_the_capability_of_the_daemonset():
    """As a container starts its program: nobody, one capability, no new privileges."""
    folder = tempfile.mkdtemp(dir="/tmp")  # where nobody may come
    try:
        os.chmod(folder, 0o755)
        command = shutil.copy(NATIVE, folder)
        subprocess.run(["setcap", "cap_perfmon+ep", command], check=True)
        other = subprocess.Popen(["sleep", "600"])  # root's
        asked = [str(other.pid), "--smaps", "--compact"]
        argv = [*CONTAINED, command, *asked]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        refused = [*CONTAINED, NATIVE, *asked]
        without = subprocess.run(refused, capture_output=True, check=False)
        other.kill()
        other.wait()
    finally:
        shutil.rmtree(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert without.returncode != 0


PLAY = [
    ("Read", "no_log", True, "memory maps are nobody else's"),
    ("Read", "changed_when", False, "reading changes nothing"),
    ("Read", "ignore_unreachable", True, "a host that is down is a row"),
    ("Read", "ignore_errors", True, "and so is one that fails"),
    ("Keep what the host told", "no_log", True, "as above"),
    ("Keep what the host told", "delegate_to", "localhost", "on the controller"),
    ("Say that the host is missing", "delegate_to", "localhost", "on the controller"),
]


@pytest.mark.parametrize("case", PLAY, ids=lambda case: f"{case[0]} {case[1]}")
def test_playbook_has(case):
    name, key, expected, _ = case
    plays = yaml.safe_load(shipped("ansible"))
    (task,) = (t for play in plays for t in play["tasks"] if t["name"] == name)
    assert task[key] == expected


def test_playbook_keeps_files_to_oneself():
    plays = yaml.safe_load(shipped("ansible"))
    (copy,) = (
        task["ansible.builtin.copy"]
        for task in plays[0]["tasks"]
        if "content" in task.get("ansible.builtin.copy", {})
    )
    assert copy["mode"] == "0600"


UNIT = [
    ("AmbientCapabilities=CAP_PERFMON", "it reads smaps of others"),
    ("CapabilityBoundingSet=CAP_PERFMON", "and may do nothing else"),
    ("DynamicUser=yes", "it is nobody"),
    ("PrivateNetwork=yes", "it needs none: rsync is another's"),
    ("StateDirectory=memc-lake/incoming/%H", "by the host's name"),
    ("TimeoutStartSec=5min", "a hang ends"),
]


@pytest.mark.parametrize("case", UNIT, ids=lambda case: case[0])
def test_unit_has(case):
    assert case[0] in shipped("unit").splitlines()


def test_units_are_read_by_systemd(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is missing")
    texts = {"service": shipped("unit", command="true"), "timer": shipped("timer")}
    for kind, text in texts.items():
        (tmp_path / f"memc-lake.{kind}").write_text(text)
    paths = [str(tmp_path / f"memc-lake.{kind}") for kind in texts]
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in found.stderr.splitlines() if "memc-lake" in line]
    assert (found.returncode, own) == (0, [])


def test_unit_writes_a_file_that_an_add_takes_in(tmp_path):
    (line,) = re.findall(r"^ExecStart=sh -c '(.*)'$", shipped("unit"), re.MULTILINE)
    # As systemd does: specifiers first
    script = (
        line.replace("@COMMAND@", "memc").replace("%%", "\0").replace("%b", "b" * 32)
    )
    script = script.replace("\0", "%").replace("--all", str(os.getpid()))
    script = script.replace(" --skip-kernel", "")
    env = {"STATE_DIRECTORY": str(tmp_path), "PATH": f"{os.path.dirname(NATIVE)}:/bin"}
    subprocess.run(["sh", "-c", script], check=True, env=env)
    (made,) = tmp_path.iterdir()
    assert re.fullmatch("b{32}-[0-9]{10}.json", made.name)
    assert made.read_text().startswith('{"pid":')


@pytest.mark.parametrize("kind", KINDS)
def test_command_prints(kind):
    done = COMMANDS["python"]("lake", f"--{kind}")
    assert done.status == 0
    assert done.out.startswith(shipped(kind)[:40].encode())
    assert b"@COMMAND@" not in done.out


@pytest.mark.parametrize(
    "argv", [["--ansible", "add", "x"], ["--ssh", "--timer"]], ids=" ".join
)
def test_a_print_stands_alone(argv):
    done = COMMANDS["python"]("lake", *argv)
    assert done.status == 2
    assert b"stands alone" in done.err


def test_every_file_has_an_option():
    known = {n for a in parser().full()._actions for n in a.option_strings}
    assert {f"--{kind}" for kind in KINDS} <= known


def test_script_is_read_by_sh():
    subprocess.run(["sh", "-n"], input=shipped("ssh").encode(), check=True)
