"""Made-up machines: the files of /proc that tell of a whole machine."""

MEMINFO = {
    "MemTotal": 1_000_000,
    "MemFree": 300_000,
    "Buffers": 20_000,
    "Cached": 200_000,
    "SwapCached": 1_000,
    "AnonPages": 150_000,
    "Shmem": 50_000,
    "KReclaimable": 31_000,
    "SReclaimable": 30_000,
    "SUnreclaim": 20_000,
    "KernelStack": 4_000,
    "PageTables": 6_000,
    "VmallocUsed": 10_000,
    "Percpu": 2_000,
    "HugePages_Total": 20,
    "HugePages_Free": 5,
    "Hugepagesize": 2_048,
    "Hugetlb": 40_960,
}
PAGES = (1000, 25_000)  # of the lists of two CPUs
ROLLUP = """\
{start:x}-7ffc00000000 ---p 00000000 00:00 0    [rollup]
Rss:              {rss} kB
Pss:              {rss} kB
Pss_Anon:         {anon} kB
Pss_File:         {file} kB
Pss_Shmem:        {shmem} kB
"""


def meminfo(**changes):
    """Give the text of meminfo; a counter that is None is left out."""
    told = {k: v for k, v in {**MEMINFO, **changes}.items() if v is not None}
    lines = [
        f"{k}: {v}{'' if k.startswith('HugePages_') else ' kB'}\n"
        for k, v in told.items()
    ]
    return "".join(lines).encode()


def zoneinfo(*pages, zspages=None):
    """Give the text of zoneinfo, with so many pages in the list of each CPU."""
    lines = ["Node 0, zone   Normal\n", "  pages free     75000\n"]
    if zspages is not None:
        lines.append(f"      nr_zspages   {zspages}\n")
    lines.append("  pagesets\n")
    for cpu, count in enumerate(pages):
        lines.append(f"    cpu: {cpu}\n              count:    {count}\n")
        lines.append("              high:     14592\n")
    return "".join(lines).encode()


def rollup(anon=0, file=0, shmem=0, start=0x55D000000000):
    """Give the text of smaps_rollup."""
    told = {"anon": anon, "file": file, "shmem": shmem, "start": start}
    return ROLLUP.format(rss=anon + file + shmem, **told).encode()


def fill(tree, *, info=None, zones=None):
    """Make a machine with two processes of 100,000 and 20,000 kB."""
    (tree.path / "meminfo").write_bytes(meminfo() if info is None else info)
    zones = zoneinfo(*PAGES, zspages=0) if zones is None else zones
    if zones:
        (tree.path / "zoneinfo").write_bytes(zones)
    tree.add(10, smaps_rollup=rollup(80_000, 15_000, 5_000))
    tree.add(11, smaps_rollup=rollup(19_000, 1_000, 0, start=0x560000000000))
    return tree
