"""Tools find the types of the functions of memc at run time."""

import subprocess
import sys
import typing

import pytest

import memc
from memc import fallback, fast

FUNCTIONS = [memc.snapshot, memc.snapshot_all, memc.load]
FUNCTIONS += [getattr(m, name) for m in (fast, fallback) for name in m.__all__]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f"{f.__module__}")
def test_hints_can_be_resolved(function):
    assert "return" in typing.get_type_hints(function)


@pytest.mark.parametrize("name", ["memc.read.native", "memc.fast", "memc.ffi.lib"])
def test_import_without_the_extension_says_what_to_do(name):
    code = f"import sys; sys.modules['memc.ffi._memc'] = None; import {name}"
    done = subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, cwd="/", check=False
    )
    assert b"MEMC_BACKEND=pure does without" in done.stderr
