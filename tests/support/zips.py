"""Bundles made by hand: right ones, and zips that attack who reads them."""

import io
import json
import zipfile

TIME = (1980, 1, 1, 0, 0, 0)
OWNED = {"owner": "Python memory", "why": "its arenas", "label": "", "guess": True}


def region(start=0x1000, **more):
    return {
        "start": hex(start),
        "end": hex(start + 0x1000),
        "type": "unknown",
        "perm": "rw-p",
        "size_kb": 4,
        **more,
    }


def document(t_ms=0, *regions, pid=7):
    return {
        "pid": pid,
        "name": "p-abcdefgh",
        "started": 1,
        "timestamp_ms": t_ms,
        "total_rss_kb": None,
        "total_vsize_kb": 4 * len(regions),
        "region_count": len(regions),
        "regions": list(regions),
    }


def lines(*documents):
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


def manifest(**more):
    return json.dumps({"format": 1, "memc": "1.1.0", **more}).encode()


MEMBERS = {
    "machine.json": b"{}",
    "manifest.json": manifest(),
    "samples.ndjson": lines(document(0, region(**OWNED))),
}


def entry(name, mode=0o600, method=zipfile.ZIP_DEFLATED):
    made = zipfile.ZipInfo(name, TIME)
    made.create_system, made.external_attr = 3, mode << 16
    made.compress_type = method
    return made


def zipped(members=MEMBERS, *, method=zipfile.ZIP_DEFLATED, more=()):
    """Return the bytes of a zip of these members, and then `more` (entry, data)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(entry(name, method=method), data)
        for each, data in more:
            archive.writestr(each, data)
    return out.getvalue()


def renamed(old, new):
    """Return a bundle with a member called otherwise, by bytes of the same number."""
    assert len(old) == len(new)
    return zipped().replace(old, new)
