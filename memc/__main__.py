"""``python -m memc``."""

from memc.cli.main import run

if __name__ == "__main__":
    run()
