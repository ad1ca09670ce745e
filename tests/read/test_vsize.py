"""`total_vsize_kb` is VmSize in every form, though maps lists [vsyscall], too."""

import copy
import pickle

import orjson
import pytest
from support import children
from support.cases import cases
from support.children import vm_size_kb
from support.readers import READERS
from support.trees import Tree

import memc
from memc.limits.figures import figure

DETAILS = ("maps", "rss", "uss", "pss", "smaps", "totals", "rollup")
GATE = b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n"
MAPS = b"400000-402000 r--p 00000000 08:01 5  /bin/x\n" + GATE


@pytest.fixture(scope="module")
def stopped():
    with children.waiting() as child:
        children.stop(child)
        yield child.pid


@pytest.mark.kernel
@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_every_form_tells_what_status_tells(reader, detail, stopped, tmp_path):
    expected = vm_size_kb(stopped)
    snap = reader.collect(stopped, detail)
    path = tmp_path / "saved.json"
    path.write_bytes(snap.to_json(full=True))
    forms = [snap, memc.load(path), copy.deepcopy(snap)]
    forms.append(pickle.loads(pickle.dumps(snap)))
    assert [form.total_vsize_kb for form in forms] == [expected] * len(forms)
    assert [figure(form, "size") for form in forms] == [expected] * len(forms)
    assert orjson.loads(path.read_bytes())["total_vsize_kb"] == expected


@pytest.mark.kernel
@pytest.mark.parametrize("option", ["", "--rss", "--uss", "--smaps", "--totals"])
def test_every_command_tells_what_status_tells(memc, stopped, option):
    document = orjson.loads(memc(*option.split(), stopped).out)
    assert vm_size_kb(stopped) == document["total_vsize_kb"]


# expected, the total in the file, why
FILES = [
    (8, 8, "as it is written now"),
    (8, 12, "memc 1.0.0 added the region"),
    (9, 9, "another sum of somebody else stays"),
]


@cases(FILES, why=2)
def test_json_is_read_with_the_same_meaning(case, tmp_path):
    expected, told, _ = case
    path = tmp_path / "saved.json"
    document = orjson.loads(snapshot_of(tmp_path))
    document["total_vsize_kb"] = told
    path.write_bytes(orjson.dumps(document))
    assert memc.load(path).total_vsize_kb == expected


def snapshot_of(folder):
    tree = Tree(folder / "proc")
    tree.add(7, maps=MAPS)
    return READERS["native"].collect(7, "maps", str(tree.path)).to_json()


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_region_lists_have_the_region_and_its_size(reader, tmp_path):
    tree = Tree(tmp_path / "proc")
    tree.add(7, maps=MAPS)
    snap = reader.collect(7, "maps", str(tree.path))
    assert [region.size_kb for region in snap] == [8, 4]
    assert (snap.total_vsize_kb, snap.region_count) == (8, 2)


def test_text_of_maps_is_summed_alike(tmp_path):
    path = tmp_path / "maps.txt"
    path.write_bytes(MAPS)
    assert memc.load(path).total_vsize_kb == 8
    assert figure(READERS["pure"].parse_text(MAPS, "maps", strict=True), "size") == 8
