"""Bundles made by the command, and what two of them have in common."""

import json
import zipfile

from support.commands import COMMANDS

BUNDLE = "bundle"


def make(path, *words, memc=COMMANDS["python"], status=0, **options):
    """Run memc bundle -o; return what it said."""
    result = memc(BUNDLE, *words, "-o", path, **options)
    assert (result.status, result.out) == (status, b""), result.err.decode()
    return result.err.decode()


def members(path):
    """Return the bytes of the members of a bundle."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(path):
    return json.loads(members(path)["manifest.json"])


def documents(path):
    return [json.loads(line) for line in members(path)["samples.ndjson"].splitlines()]


def told(owners):
    """Return what owners are, but for labels, which are pseudonyms in a bundle."""
    return [(owner.owner, owner.why, owner.guess) for owner in owners]


def table(*words, memc=COMMANDS["python"]):
    """Return the CSV of memc show, without the first column, which may be a name."""
    result = memc("show", *words, "--csv")
    assert result.status == 0, result.err
    return result.out.decode()
