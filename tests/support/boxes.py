"""Programs that start the command in another world: fewer rights, another /proc."""

import os

IS_ROOT = os.geteuid() == 0
NAMESPACE = ("unshare", "--user", "--map-root-user")

# Root keeps its uid and loses what makes it root; anybody else has nothing to lose.
WITHOUT_RIGHTS = (
    ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all")
    if IS_ROOT
    else ()
)

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
