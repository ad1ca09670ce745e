"""Layouts written short, one region a line, and made into maps or smaps text.

    c000000000-c000400000 rw-p /a/name @1000 # rd wr ac # Rss 8, Swap 0

`@` is the offset.  VmFlags and amounts in kB are left out where they are not known.
"""


def lines(text):
    """Yield of each line: start, end, permissions, name, offset, flags, amounts."""
    for line in filter(None, map(str.strip, text.splitlines())):
        place, *more = (part.strip() for part in line.split("#"))
        span, perm, *rest = place.split(" ", 2)
        name, _, offset = (rest[0] if rest else "").partition("@")
        flags = more[0] or None if more else None
        amounts = more[1].split(", ") if len(more) > 1 else []
        start, end = (int(word, 16) for word in span.split("-"))
        yield start, end, perm, name.strip(), int(offset or "0", 16), flags, amounts


def maps_text(text, device="00:00"):
    """Write a layout as /proc/PID/maps does."""
    return b"".join(_header(line[:5], device) for line in lines(text))


def smaps_text(text):
    """Write a layout as /proc/PID/smaps does, with what the layout tells."""
    found = b""
    for *place, flags, amounts in lines(text):
        found += _header(place)
        for key, kb in (amount.split(" ") for amount in amounts):
            found += b"%s: %s kB\n" % (key.encode(), kb.encode())
        if flags is not None:
            found += b"VmFlags: %s \n" % flags.encode()
    return found


def _header(place, device="00:00"):
    start, end, perm, name, offset = place
    prefix = b"%08x-%08x %s %08x %s %d " % (
        *(start, end, perm.encode(), offset, device.encode()),
        7 if name.startswith("/") else 0,
    )
    return (prefix.ljust(73) + name.encode() if name else prefix) + b"\n"
