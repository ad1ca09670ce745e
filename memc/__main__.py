"""``python -m memc``."""

import sys

from memc.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
