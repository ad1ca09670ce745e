"""The command with a terminal for its stdout."""

import os


def run_on_terminal(memc, *args, prefix=(), **env):
    """Run with stdout on a terminal and give what it got."""
    ours, theirs = os.openpty()
    env = {"TERM": "xterm", "NO_COLOR": "", **env}
    memc(*args, stdout=theirs, env=env, prefix=prefix)
    os.close(theirs)
    return all_shown(ours)


def all_shown(terminal):
    """Give all that a terminal got, whose other end is closed; close it, too.

    One read may give the first part alone: the kernel passes on what was written later.
    """
    out = b""
    try:
        while chunk := os.read(terminal, 65536):
            out += chunk
    except OSError:  # EIO: the other end is closed
        pass
    os.close(terminal)
    return out
