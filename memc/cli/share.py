"""What is installed under share/, as a tar file: manual pages, completion of shells.

    python -m memc.cli.share > share.tar

This needs no extension module.  CMake runs it.
"""

from __future__ import annotations

import os
import sys
import tarfile
import time
from io import BytesIO

from memc.cli.completion import scripts
from memc.cli.manual import man

__all__ = ["files", "packed"]

MAN = "man/man1"


def files() -> dict[str, str]:
    """Return the texts by their paths below share/."""
    pages = {f"{MAN}/{name}": text for name, text in man.pages().items()}
    return pages | scripts.files()


def packed() -> bytes:
    """Return the tar file."""
    made_at = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    out = BytesIO()
    with tarfile.TarFile(fileobj=out, mode="w") as tar:
        for path, text in files().items():
            data = text.encode()
            member = tarfile.TarInfo(path)
            member.size, member.mtime = len(data), made_at
            tar.addfile(member, BytesIO(data))
    return out.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(packed())
