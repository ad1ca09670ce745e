"""Frames that are read one after the other are those that are read alone."""

import random

import pytest
from support.recordings import NOON, Made

import memc
from memc.files.recording.chain import Chain
from memc.files.recording.recording import Recording

S = 1000
COUNT = 12


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")
    made = Made(folder / "chain.memc")
    made.run(NOON)
    one, other = made.start(NOON, 10), made.start(NOON, 11)
    for at in range(COUNT):
        t_ms = NOON + at * S
        if at == 7:
            made.segment(t_ms, passed_ms=7 * S)
        text = folder / "text"
        lines = [
            f"{(i + at) << 16:x}-{((i + at) << 16) + 4096:x} rw-p 0 00:00 0 \n"
            f"Rss: {i * at} kB\n"
            for i in range(1, 30)
        ]
        text.write_text("".join(lines))
        usage = {one: {}, other: {}} if at in (0, 7) else {}
        who = one if at % 4 else other
        frames = {} if at in (3, 8) else {who: memc.load(text)}
        made.tick(t_ms, usage, frames=frames)
    made.close()
    return made.path


ORDERS = {
    "forth": list(range(COUNT)),
    "back": list(range(COUNT))[::-1],
    "the same twice": [2, 2, 9, 9],
    "over segments and back": [5, 6, 7, 8, 9, 6, 5, 11],
    "anywhere": random.Random(5).choices(range(COUNT), k=40),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_frame_of_a_chain_is_the_one_that_is_read_alone(path, order):
    with Recording(path) as recording:
        chain = Chain(recording._reader)
        for at in order:
            moment = recording.at(NOON + at * S)
            for process in moment.processes():
                alone, found = moment.frame(process), moment.frame(process, chain)
                assert (alone is None) == (found is None)
                assert alone is None or alone.to_dict(full=True) == found.to_dict(
                    full=True
                )
