"""The bytes of a bundle: the same for the same samples and key, and in one order."""

import io
import os
import zipfile

import pytest
from support import zips
from support.zips import document, region

from memc.bundle import write
from memc.bundle.documents import counts
from memc.bundle.options import BundleOptions
from memc.bundle.write import OffenceError, members_of, zipped
from memc.files.bundle import open_bundle

KEY = bytes(range(32))
SAFE = BundleOptions()


def samples():
    """Return two samples, made anew: who hides names may change them."""
    owned = zips.OWNED
    rows = region(0x7F0000000000, pathname="/home/ann/shop/x.so", **owned)
    return [document(5000, rows), document(7000, rows, region(0x7F0000009000, **owned))]


def made(options=SAFE, key=KEY, machine=None):
    return zipped(members_of(samples(), machine, options, key))


def test_the_same_samples_and_key_give_the_same_bytes():
    assert made() == made()


def test_another_key_gives_other_pseudonyms():
    one, two = (open_bundle(made(key=bytes([k]) * 32), "x") for k in (1, 2))
    assert one.samples != two.samples
    assert len(one.samples) == len(two.samples)


def test_members_are_in_the_order_of_their_names_and_have_one_time():
    machine = {"max_map_count": 65530}
    with zipfile.ZipFile(io.BytesIO(made(machine=machine))) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == [
        "machine.json",
        "manifest.json",
        "samples.ndjson",
    ]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in infos} == {0o100600}


def test_the_bundle_of_a_file_tells_nothing_of_this_machine():
    bundle = open_bundle(made(), "x")
    assert "machine.json" not in bundle.members
    assert (bundle.manifest["kernel"], bundle.manifest["page_size"]) == (None, None)


def test_a_live_one_tells_the_kernel_and_its_pages():
    bundle = open_bundle(made(machine={}), "x")
    assert bundle.manifest["kernel"].startswith(os.uname().release.split("-")[0])
    assert bundle.manifest["page_size"] == os.sysconf("SC_PAGESIZE")


def test_the_manifest_counts_what_is_in_it():
    told = open_bundle(made(), "x").manifest
    assert [told[k] for k in ("samples", "processes", "regions")] == [2, 1, 3]
    assert (told["format"], told["key"], told["form"]) == (1, "random", "safe")
    assert told["never_taken"]


def test_times_count_from_the_first_sample():
    found = open_bundle(made(), "x").samples
    assert b'"timestamp_ms":0' in found
    assert b'"timestamp_ms":2000' in found


def test_a_text_that_the_check_refuses_stops_all(monkeypatch):
    monkeypatch.setattr(write, "Redactor", Careless)
    with pytest.raises(OffenceError) as caught:
        made()
    assert "/home/ann/shop/x.so" in {offence.text for offence in caught.value.found}


class Careless:
    """Hides nothing, though it was asked to."""

    def __init__(self, *_, **__):
        pass

    def learn(self, sample):
        pass

    def document(self, sample):
        return sample

    def facts(self):
        return {}


def test_a_plain_one_has_all_names():
    found = open_bundle(made(BundleOptions(plain=True)), "x")
    assert b"/home/ann/shop/x.so" in found.samples
    assert found.manifest["form"] == "plain"


def test_processes_and_regions_are_counted_in_both_forms():
    one = document(0, region())
    both = {"processes": [{"pid": 1, "snapshot": one}, {"pid": 2, "snapshot": one}]}
    assert (counts(one), counts(both), counts({"processes": []})) == (
        (1, 1),
        (2, 2),
        (0, 0),
    )
