"""Files that are no regular files, or without end."""

import os
import socket


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def make_endless(path):
    path.touch()
    os.truncate(path, 1 << 42)
