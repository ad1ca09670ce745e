"""What a compiled file asks of the machine it runs on, as elf(5) has it."""

import io
from typing import NamedTuple

from elftools.elf.elffile import ELFFile


class Needs(NamedTuple):
    """What is asked: an architecture, a loader, libraries, and glibc no older than."""

    machine: str
    loader: str | None
    libraries: frozenset
    glibc: tuple[int, ...]
    searched: bool  # has folders of its own to look for libraries in
    undefined: frozenset  # names that others must have


def needs(data):
    file = ELFFile(io.BytesIO(data))
    loaders = [
        part.get_interp_name()
        for part in file.iter_segments()
        if part.header.p_type == "PT_INTERP"
    ]
    dynamic = file.get_section_by_name(".dynamic")
    tags = list(dynamic.iter_tags()) if dynamic else []
    symbols = file.get_section_by_name(".dynsym")
    names = symbols.iter_symbols() if symbols else ()
    return Needs(
        machine=file.header.e_machine.removeprefix("EM_").lower(),
        loader=loaders[0] if loaders else None,
        libraries=frozenset(t.needed for t in tags if t.entry.d_tag == "DT_NEEDED"),
        glibc=max(_versions(file), default=()),
        searched=any(t.entry.d_tag in ("DT_RPATH", "DT_RUNPATH") for t in tags),
        undefined=frozenset(
            s.name for s in names if s.name and s.entry.st_shndx == "SHN_UNDEF"
        ),
    )


def _versions(file):
    section = file.get_section_by_name(".gnu.version_r")
    for _, versions in section.iter_versions() if section else ():
        for version in versions:
            if version.name.startswith("GLIBC_"):
                yield tuple(map(int, version.name.removeprefix("GLIBC_").split(".")))
