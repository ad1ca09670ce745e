"""Runs of ``memc report`` that write the document instead of its page."""

import json
import subprocess
import sys

from support.commands import COMMANDS

MAIN = """
import json, sys
if sys.argv.pop(1):
    import memc.report.page
    memc.report.page.page = lambda document: json.dumps(document).encode()
from memc.cli.main import main
sys.exit(main())
"""


def run(*args, **options):
    """Run ``memc report`` in this Python."""
    argv = [sys.executable, "-c", MAIN, "1", "report", *map(str, args)]
    env = COMMANDS["python"].environment()
    default = {"capture_output": True, "cwd": "/", "env": env}
    return subprocess.run(argv, check=False, **{**default, **options})


def document(out, *args, status=0):
    """Return the document of such a run, which writes it to the file `out`."""
    done = run(*args, "-o", out)
    assert done.returncode == status, done.stderr
    return json.loads(out.read_bytes())
