"""Stop a reader at the very place where something must happen: ptrace, by ctypes.

The reader is a child of the test that asks to be traced.  It is let go from system
call to system call, and after each one its open files are looked at: they tell how far
it has come.  So a race becomes an order.
"""

import ctypes
import os
import signal
import subprocess

PTRACE_TRACEME, PTRACE_SYSCALL, PTRACE_DETACH = 0, 24, 17
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
LIBC.ptrace.restype = ctypes.c_long


def ptrace(request, pid=0):
    if LIBC.ptrace(request, pid, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


class Reader:
    """A command that runs from system call to system call."""

    def __init__(self, command, *args):
        self.child = command.start(
            *args,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: ptrace(PTRACE_TRACEME),
        )
        self._wait()

    def _wait(self):
        _, status = os.waitpid(self.child.pid, 0)
        assert os.WIFSTOPPED(status), "the reader ended before it came there"
        assert os.WSTOPSIG(status) == signal.SIGTRAP

    def files(self):
        """Yield (path, position) of each file that is open in the reader."""
        folder = f"/proc/{self.child.pid}"
        for fd in os.listdir(f"{folder}/fd"):
            path = os.readlink(f"{folder}/fd/{fd}")
            with open(f"{folder}/fdinfo/{fd}", "rb") as info:
                yield path, int(info.read().split()[1])

    def run_until(self, path, position=0):
        """Let it run until it has `path` open and has read up to `position`."""
        while not any(p == path and at >= position for p, at in self.files()):
            ptrace(PTRACE_SYSCALL, self.child.pid)
            self._wait()

    def finish(self):
        """Let it run to its end; give its status, output and messages."""
        ptrace(PTRACE_DETACH, self.child.pid)
        out, err = self.child.communicate()
        return self.child.returncode, out, err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.communicate()
