"""The command with a terminal for its stdout."""

import os


def run_on_terminal(memc, *args, prefix=(), **env):
    """Run with stdout on a terminal and give what it got."""
    ours, theirs = os.openpty()
    env = {"TERM": "xterm", "NO_COLOR": "", **env}
    memc(*args, stdout=theirs, env=env, prefix=prefix)
    os.close(theirs)
    out = b""
    try:
        while chunk := os.read(ours, 65536):
            out += chunk
    except OSError:  # EIO: the other end is closed
        pass
    os.close(ours)
    return out
