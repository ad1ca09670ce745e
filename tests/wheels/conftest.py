"""What .ci/wheels made lies in the folder that MEMC_TEST_WHEELS names."""

import os
from pathlib import Path

import pytest

ARCHITECTURES = ("x86_64", "aarch64")
PLATFORMS = tuple(
    f"{kind}_{arch}"
    for kind in ("manylinux_2_17", "musllinux_1_2")
    for arch in ARCHITECTURES
)


@pytest.fixture(scope="session")
def made():
    return Path(os.environ["MEMC_TEST_WHEELS"])


@pytest.fixture(params=PLATFORMS)
def platform(request):
    return request.param


@pytest.fixture(params=ARCHITECTURES)
def architecture(request):
    return request.param
