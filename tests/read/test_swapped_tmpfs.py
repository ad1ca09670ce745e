"""Files of a tmpfs that are mapped privately, and swapped out.

Row A5 of the trials of truth: unknown is never 0.
"""

import pytest
from support import children
from support.swaps import swap_file

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize("detail", ["rss", "uss"])
def test_swap_of_a_private_map_of_a_tmpfs_is_unknown(backend, tmp_path, detail):
    folder = tmp_path / "mounted"
    folder.mkdir()
    with swap_file(tmp_path) as is_on:
        if not is_on:
            pytest.skip("no swap could be had")
        with children.script("tmpfs", folder) as child:
            if child.stdout.readline() != b"1\n":
                pytest.skip("no tmpfs could be mounted")
            snaps = [backend.collect(child.pid, d, "/proc") for d in ("smaps", detail)]
    smaps, told = ({r.start: r for r in snap} for snap in snaps)
    (file,) = [r.start for r in told.values() if r.pathname == f"{folder}/file"]
    assert smaps[file].perm.endswith("p")
    if not smaps[file].swap_kb:
        pytest.skip("this machine swapped nothing out")
    assert told[file].swap_kb is None
    others = [r for r in told.values() if r.pathname.endswith(".so") and r.dev_major]
    assert None not in [r.swap_kb for r in others]
