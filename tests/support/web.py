"""The HTTP part of memc serve in a process of its own, with a made-up text."""

import argparse
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import suppress

SERVING = "memc: serving "
TEXT = b"# HELP memc_up Whether.\nmemc_up 1\n"
LONG = b"# " + b"memory " * 200_000 + b"\n"  # more than a socket takes at once
DEADLINE_S = 30


class Web:
    """A command that serves, and where it does."""

    def __init__(self, argv, env=None):
        self.process = subprocess.Popen(
            argv,
            cwd="/",
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,  # what a buffer has, communicate() would not give
        )
        self.said = []
        self.urls = []
        while not self.urls:
            line = self.say_line()
            if not line:
                raise AssertionError(f"it ended: {self.said}")
            if line.startswith(SERVING):
                self.urls.append(line.removeprefix(SERVING).strip())
        host, _, rest = self.urls[0].partition("//")[2].rpartition(":")
        self.address = (host.strip("[]"), int(rest.partition("/")[0])) if rest else None

    def connect(self, context=None, timeout=DEADLINE_S):
        made = socket.create_connection(self.address, timeout=timeout)
        return made if context is None else context.wrap_socket(made)

    def say_line(self):
        """Wait for the next line on stderr."""
        line = self.process.stderr.readline().decode()
        self.said.append(line)
        return line

    def rss_kb(self):
        """Return how much resident memory it has."""
        with open(f"/proc/{self.process.pid}/status") as file:
            line = next(line for line in file if line.startswith("VmRSS:"))
        return int(line.split()[1])

    def clients(self):
        """Return how many sockets it has, but for the one that listens."""
        folder = f"/proc/{self.process.pid}/fd"
        found = 0
        for name in os.listdir(folder):
            with suppress(FileNotFoundError):
                found += os.readlink(f"{folder}/{name}").startswith("socket:")
        return found

    def ask(self, request, context=None):
        """Send bytes; return what comes until the other side ends."""
        with self.connect(context) as client:
            client.sendall(request)
            return read_all(client)

    def end(self, number=signal.SIGTERM):
        """End it by a signal; return its status, the rest of stderr and the time."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, rest = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, rest.decode(), time.monotonic() - began


def read_all(client):
    parts = []
    try:
        while part := client.recv(1 << 16):
            parts.append(part)
    except (ConnectionResetError, ssl.SSLError):
        pass
    return b"".join(parts)


def get(path="/metrics", *headers, method="GET", version="1.1", close=True):
    """Return the bytes of a request."""
    lines = [f"{method} {path} HTTP/{version}", "Host: x", *headers]
    lines += ["Connection: close"] if close else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def parts(answer):
    """Return the status, the headers by small names, and the body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), {k.lower(): v for k, v in headers.items()}, body


def made_up(*args):
    """Start the web part with a made-up text."""
    return Web([sys.executable, "-m", "support.web", *map(str, args)], _path())


def _path():
    return {"PYTHONPATH": os.path.dirname(os.path.dirname(__file__))}


def main():
    """Serve a made-up text; the options are those of memc serve."""
    from memc.cli.output import say
    from memc.serve import web
    from memc.serve.app import App
    from memc.serve.auth import read_users
    from memc.serve.listen import address, listen_at
    from memc.serve.tls import TlsFiles

    options = argparse.ArgumentParser()
    for name in ("--tls", "--client-ca", "--auth-file", "--text", "--seconds"):
        options.add_argument(name)
    args = options.parse_args()
    if args.seconds:
        web.REQUEST_S = float(args.seconds)

    def secrets():
        context = users = None
        if args.tls:
            cert, key = args.tls.split(",")
            context = TlsFiles(cert, key, args.client_ca or "").context(say)
        if args.auth_file:
            users = read_users(args.auth_file)
        return context, users

    def text(accept):
        if args.text == "fails":
            raise RuntimeError("no text")
        kind = (
            "application/openmetrics-text" if "openmetrics" in accept else "text/plain"
        )
        return (LONG if args.text == "long" else TEXT), kind

    sockets = listen_at(address("127.0.0.1:0"))
    port = sockets[0].getsockname()[1]
    hooks = web.Hooks(lambda: say(f"serving http://127.0.0.1:{port}/"), lambda: None)
    app = App(text, lambda: args.text != "none")
    web.serve(app, sockets, secrets, say=say, hooks=hooks)
    os._exit(0)


if __name__ == "__main__":
    main()
