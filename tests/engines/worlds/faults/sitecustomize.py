"""Loaded by the Python of a made-up host: MEMC_TEST_FAULT says what is wrong there."""

import os
import sys
import time

FAULT = os.environ.get("MEMC_TEST_FAULT", "")


def instead(*_, **__):
    """Stand in for memc.snapshot_all."""
    if FAULT == "hangs":
        time.sleep(600)
    if FAULT == "fails":
        raise OSError(5, "the disk of this host is on fire")
    os._exit(1)  # dies


if FAULT == "no memc":
    sys.modules["memc"] = None
elif FAULT:
    import memc

    if FAULT == "other version":
        memc.__version__ = "0.9.9"
    elif FAULT == "late":
        true_ns = time.time_ns
        time.time_ns = lambda: true_ns() - 3600 * 10**9
    elif FAULT != "denied":
        memc.snapshot_all = instead
