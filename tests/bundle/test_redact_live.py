"""Canaries in a live process: each place of a name has a word, and none is left."""

import base64
import json
import os
import re

import pytest
from support.children import script
from support.redacting import document_of, members, redact

import memc
from memc.bundle.check import offences
from memc.bundle.options import BundleOptions
from memc.bundle.redact import Redactor
from memc.bundle.relayout import is_fixed

WORD = "Canary7zq"
# What the kernel shows of them everywhere; [anon:] needs CONFIG_ANON_VMA_NAME.
PLACES = ("comm", "user", "project", "temporary", "memfd", "shared")


def library():
    """Return a library of this machine, which may be loaded under another name."""
    snap = memc.snapshot(os.getpid())
    names = {region.pathname for region in snap if region.type == "shared_lib"}
    found = [name for name in names if re.search(r"/lib(z|m|dl)\.so", name)]
    return found[0]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Give two samples of a process that has canaries, with owners."""
    folder = tmp_path_factory.mktemp("live")
    with script("canaries", WORD, folder, library()) as child:
        snaps = [memc.snapshot(child.pid, detail="smaps") for _ in range(2)]
        return [document_of(snap) for snap in snaps]


def spelled(word):
    yield word
    yield word.encode().hex()
    for lead in range(3):
        whole = base64.b64encode(b"\0" * lead + word.encode()).decode()
        yield whole[-(-lead * 8 // 6) : -4]


def test_the_canaries_are_there_before(samples):
    text = json.dumps(samples)
    assert [place for place in PLACES if WORD + place not in text] == []
    assert f"lib{WORD}.so.1" in text
    assert f"\ufffd{WORD}.so" in json.dumps(samples, ensure_ascii=False)


@pytest.mark.parametrize("strict", [False, True])
def test_no_canary_is_left_in_any_spelling(samples, strict):
    new = redact(*samples, strict=strict)
    text = json.dumps(new).lower()
    assert [form for form in spelled(WORD) if form.lower() in text] == []
    assert "canary" not in text
    form = {"form": "strict" if strict else "safe"}
    assert offences(members(new, form)) == []


def test_no_address_of_the_process_is_left(samples):
    text = json.dumps(redact(*samples))
    held = {
        int(row[key], 16)
        for sample in samples
        for row in sample["regions"]
        for key in ("start", "end")
    }
    loose = [one for one in held if not is_fixed(one) and one > 36 << 30]
    assert loose
    assert [one for one in loose if hex(one) in text or str(one) in text] == []


def test_owners_are_those_of_the_process(samples):
    keys = ("owner", "why", "guess")
    old, new = (
        [
            [row[key] for key in keys]
            for sample in documents
            for row in sample["regions"]
        ]
        for documents in (samples, redact(*samples))
    )
    assert old == new


def test_what_the_user_keeps_stays_and_is_told(samples):
    options = BundleOptions(keep=(f"*/{WORD}project/*", "/nowhere/*"))
    redactor = Redactor(b"key", options, who=frozenset({f"{WORD}user"}))
    for sample in samples:
        redactor.learn(sample)
    new = [redactor.document(sample) for sample in samples]
    facts = redactor.facts()
    assert f"{WORD}project" in json.dumps(new)
    assert f"{WORD}memfd" not in json.dumps(new)
    assert [*facts["kept"]] == [*facts["kept_secrets"]] == [f"*/{WORD}project/*"]
    assert offences(members(new, facts)) == []
    assert offences(members(new)) != []


def test_what_the_user_hides_more_is_hidden_and_the_pattern_is_not_told(samples):
    text = json.dumps(samples)
    assert "/libc" in text
    redactor = Redactor(b"key", BundleOptions(redact=("*/libc*",)))
    redactor.learn(samples[0])
    new = redactor.document(samples[0])
    assert "libc." not in json.dumps(new)
    assert "libc" not in json.dumps(redactor.facts())
    assert offences(members([new])) == []
