"""Programs that start the command in another world: fewer rights, another /proc."""

import os
import subprocess
import sys

import pytest

IS_ROOT = os.geteuid() == 0
NAMESPACE = ("unshare", "--user", "--map-root-user")

# Root keeps its uid and loses what makes it root; anybody else has nothing to lose.
WITHOUT_RIGHTS = (
    ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
    if IS_ROOT
    else ()
)

# Root becomes another user.
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

# All rights, and none of them over what is outside.
ROOT_OF_NOTHING = NAMESPACE

# A /proc of its own, with one more process in it, which waits for the standard input.
PRIVATE_SYSTEM = (
    *NAMESPACE,
    *("--pid", "--fork", "--mount-proc", "--kill-child"),
    *("sh", "-c", 'exec 3<&0; (read x <&3) & exec "$@" 3<&-', "sh"),
)


def inside(tree):
    """Make a copied tree the /proc that the command sees."""
    mount = 'mount --bind "$0" /proc && exec "$@"'
    return (*NAMESPACE, "--mount", "sh", "-c", mount, str(tree))


# A folder with nothing in it where /proc should be.
WITHOUT_PROC = (
    *(*NAMESPACE, "--mount", "sh", "-c"),
    *('mount -t tmpfs none /proc && exec "$@"', "sh"),
)


def hiding(option, capabilities=""):
    """A /proc mounted with hidepid, where process 3 is another user's.

    Process 4 is of the same user and has more rights; nobody looked at it before, as
    setpriv does at itself.  Both wait for the standard input.  The command has only
    those capabilities, and is in no group that sees all.  Where
    the tests are not run by root there is no other user, and it has every right.
    """
    stranger = rights = ""
    if IS_ROOT:
        user = "setpriv --clear-groups --regid=65534"
        stranger = f"{user} --reuid=65534"
        rights = f"{user} --inh-caps=-all --bounding-set=-all{capabilities}"
    script = f"""
        mount -t proc -o hidepid={option} proc /proc || exit
        exec 3<&0
        {stranger} sh -c 'read x' <&3 &
        (read x <&3) &
        exec {rights} "$@" 3<&-
    """
    namespace = ("unshare",) if IS_ROOT else NAMESPACE
    box = ("--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh")
    return (*namespace, *box)


def others_run_python():
    """Tell whether another user may run this Python, whose folder may be private."""
    argv = [*(NOBODY if IS_ROOT else ()), sys.executable, "-I", "-c", ""]
    return subprocess.run(argv, check=False, capture_output=True).returncode == 0


AS_OTHERS = pytest.mark.skipif(
    not (IS_ROOT and others_run_python()),
    reason="only root becomes another user, who must be able to run this Python",
)
