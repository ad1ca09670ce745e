"""Short ways to write maps and smaps text."""


def header(start, end, perm="rw-p", name=b"", inode=0):
    """Write one maps line as the kernel does, the name at byte 73."""
    prefix = b"%08x-%08x %s 00000000 00:00 %d " % (start, end, perm.encode(), inode)
    return (prefix.ljust(73) + name if name else prefix) + b"\n"


def record(start, end, *counters, perm="rw-p", name=b""):
    return header(start, end, perm, name) + b"".join(line + b"\n" for line in counters)


def page(number):
    """Write a nameless region of one page."""
    return header(number * 4096, (number + 1) * 4096)
