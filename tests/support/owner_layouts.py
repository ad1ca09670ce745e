"""Layouts that reports told of, made up anew: each has a region that was misjudged.

The number is that of the report's case; where there is none, the row says why.
"""

PROGRAM = """
    400000-401000 r-xp /srv/app
    401000-402000 rw-p /srv/app @1000"""
LIBC = """
    7f9000000000-7f9000100000 r-xp /lib/libc.so.6
    7f9000100000-7f9000110000 rw-p /lib/libc.so.6 @100000"""
JVM = """
    7f9000000000-7f9000a00000 r-xp /opt/jre/lib/server/libjvm.so"""
SMALL_STACK = "7ffe00000000-7ffe00021000 rw-p [stack]"

# owner (with "?" for a guess), the rule, where the region begins, why, the layout
LAYOUTS = [
    ("Go heap?", "Go's addresses", 0xC000000000, "3: no libc, the end of an arena", f"""
    {PROGRAM}
    c000000000-c000400000 rw-p
    c000400000-c004000000 ---p"""),
    ("Go heap?", "Go's addresses", 0xC000000000, "3: with cgo", f"""
    {PROGRAM}
    c000000000-c003400000 rw-p
    c003400000-c004000000 ---p {LIBC}"""),
    ("Go heap?", "Go's addresses", 0x4000000000, "3: arm64", f"""
    {PROGRAM}
    4000000000-4000400000 rw-p
    4000400000-4004000000 ---p"""),
    ("Go heap?", "Go's addresses", 0xC004000000, "3: the second arena", f"""
    {PROGRAM}
    c000000000-c004000000 rw-p  # ac hg
    c004000000-c004400000 rw-p  # ac
    c004400000-c008000000 ---p"""),
    ("Go heap?", "Go's addresses", 0x35B4000000, "3: a random base, Go 1.26", f"""
    {PROGRAM}
    35b4000000-35b4400000 rw-p # rd wr ac
    35b4400000-35b8000000 ---p # mr
    7f0000000000-7f0000100000 rw-p # ac"""),
    ("Go heap?", "Go's addresses", 0x74904400000, "Go 1.26, inside an arena", f"""
    {PROGRAM}
    74904000000-74904400000 ---p # mr
    74904400000-74909400000 rw-p # rd wr ac
    74909400000-7490c000000 ---p # mr
    7f0000000000-7f0000100000 rw-p # ac"""),
    ("Go heap?", "Go's addresses", 0x74904400000, "its arena is full", f"""
    {PROGRAM}
    74904000000-74904400000 ---p # mr
    74904400000-74908000000 rw-p # rd wr ac
    7f0000000000-7f0000100000 rw-p # ac"""),
    ("anonymous", "private", 0x91C02000000, "a cage of Chromium", f"""
    {PROGRAM}
    91c00000000-91c02000000 ---p # mr
    91c02000000-91c027c0000 rw-p # rd wr ac
    91c027c0000-92000000000 ---p # mr {LIBC}"""),
    ("anonymous", "private", 0x91C02000000, "the same, and a multiple of 4 MiB", f"""
    {PROGRAM}
    91c00000000-91c02000000 ---p # mr
    91c02000000-91c02800000 rw-p # rd wr ac
    91c02800000-92000000000 ---p # mr {LIBC}"""),
    ("anonymous", "private", 0x91C00000000, "the same from its start", f"""
    {PROGRAM}
    91c00000000-91c02800000 rw-p # rd wr ac
    91c02800000-92000000000 ---p # mr {LIBC}"""),
    ("anonymous", "private", 0x74904400000, "more than an arena is closed", f"""
    {PROGRAM}
    74900000000-74904400000 ---p # mr
    74904400000-74909400000 rw-p # rd wr ac
    74909400000-7490c000000 ---p # mr
    7f0000000000-7f0000100000 rw-p # ac"""),
    ("Go heap?", "Go's addresses", 0x9400000, "4: 32 bit", """
    8048000-8200000 r-xp /srv/app
    9400000-c800000 rw-p
    c800000-29400000 ---p"""),
    ("anonymous", "private", 0xC040000000, "26: not at Go's address itself", f"""
    {PROGRAM}
    c040000000-c040040000 rw-p {LIBC}"""),
    ("glibc arena", "64 MiB aligned, VmFlags nr", 0x7FCBE0000000,
     "10: two full heaps that merged", """
    7fcbe0000000-7fcbe8000000 rw-p # rd wr nr
    7fcbe8000000-7fcbec000000 rw-p # rd wr nr"""),
    ("glibc arena?", "64 MiB aligned", 0x7FCBE0000000, "10: from maps", """
    7fcbd8000000-7fcbdde93000 rw-p
    7fcbdde93000-7fcbe0000000 ---p
    7fcbe0000000-7fcbe8000000 rw-p"""),
    ("glibc arena", "64 MiB aligned, VmFlags nr", 0xB1100000, "10: 32 bit", """
    b1100000-b1400000 rw-p # rd wr nr
    bfe00000-bfe21000 rw-p [stack]"""),
    ("glibc arena?", "64 MiB aligned", 0xB1200000, "10: 32 bit, from maps", """
    b1100000-b1121000 rw-p
    b1121000-b1200000 ---p
    b1200000-b1400000 rw-p
    bfe00000-bfe21000 rw-p [stack]"""),
    ("program text", "between its parts", 0xC00000, "11: moved to huge pages", """
    400000-b6f000 r--p /usr/bin/node
    b72000-c00000 r-xp /usr/bin/node @771000
    c00000-2400000 r-xp
    2400000-25fe000 r-xp /usr/bin/node @1fff000"""),
    ("program text", "between its parts", 0x600000, "11: all of the text moved", """
    400000-600000 r--p /usr/bin/node
    600000-a00000 r-xp
    a00000-b00000 r--p /usr/bin/node @600000"""),
    ("library text", "between its parts", 0x7F0000200000, "11: a library's", """
    7f0000000000-7f0000200000 r-xp /lib/libx.so
    7f0000200000-7f0000400000 r-xp
    7f0000400000-7f0000500000 r-xp /lib/libx.so @400000"""),
    ("JIT code?", "code in no file", 0x7F0000200000, "11: between two files", """
    7f0000000000-7f0000200000 r-xp /lib/libx.so
    7f0000200000-7f0000400000 r-xp
    7f0000400000-7f0000500000 r-xp /lib/liby.so"""),
    ("program text", "named for its code", 0x7F0000000000, "16: PHP", """
    7f0000000000-7f0000200000 r-xp [anon:huge_code_pages]"""),
    ("program text", "executable", 0x7F0000001000, "14: executed from a memfd", """
    7f0000000000-7f0000001000 r--p /memfd:run (deleted)
    7f0000001000-7f0000002000 r-xp /memfd:run (deleted) @1000
    7f0000002000-7f0000003000 rw-p /memfd:run (deleted) @2000"""),
    ("program bss?", "behind the data", 0x7F0000003000, "14: its bss", """
    7f0000000000-7f0000001000 r--p /memfd:run (deleted)
    7f0000001000-7f0000002000 r-xp /memfd:run (deleted) @1000
    7f0000002000-7f0000003000 rw-p /memfd:run (deleted) @2000
    7f0000003000-7f0000004000 rw-p"""),
    ("library text", "executable", 0x7F0000000000, "14: a library in a memfd", """
    7f0000000000-7f0000002000 r-xp /memfd:libx.so (deleted)
    7f0000002000-7f0000003000 rw-p /memfd:libx.so (deleted) @2000"""),
    ("JIT code", "named by .NET", 0x7F0000010000, "18: a memfd mapped twice", """
    7f0000000000-7f0000010000 rw-s /memfd:doublemapper (deleted)
    7f0000010000-7f0000050000 r-xs /memfd:doublemapper (deleted) @10000"""),
    ("JIT data", "named by .NET", 0x7F0000000000, "18: its other half", """
    7f0000000000-7f0000010000 rw-s /memfd:doublemapper (deleted)
    7f0000010000-7f0000050000 r-xs /memfd:doublemapper (deleted) @10000"""),
    ("JIT data?", "data in a memfd of code", 0x7F0000000000, "18: by another name", """
    7f0000000000-7f0000010000 rw-s /memfd:x (deleted)
    7f0000010000-7f0000050000 r-xs /memfd:x (deleted) @10000"""),
    ("library text", "executable", 0x6FFFFFD91000, "19: Wine's", """
    140001000-141000000 r-xp /home/u/game.exe
    6fffffd91000-6fffffe00000 r-xp /usr/lib/wine/ntdll.dll @1000"""),
    ("program text", "executable", 0x140001000, "19: the program of Wine", """
    140001000-141000000 r-xp /home/u/game.exe
    6fffffd91000-6fffffe00000 r-xp /usr/lib/wine/ntdll.dll @1000
    7ffff7200000-7ffff7201000 r-xp /usr/bin/wine64-preloader"""),
    ("library text", "executable", 0x7F7D192F0000, "s5: a plug-in of another name", """
    55d000000000-55d000001000 r-xp /usr/bin/octave-cli
    55d000100000-55d000200000 rw-p [heap]
    7f7d192f0000-7f7d192f8000 r-xp /usr/lib/x/gnuplot.oct"""),
    ("library data", "writable", 0x7F7D19300000, "s5: and without a dot", """
    55d000000000-55d000001000 r-xp /usr/bin/app
    7f7d192f0000-7f7d192f8000 r-xp /usr/lib/x/plugin
    7f7d19300000-7f7d19301000 rw-p /usr/lib/x/plugin @8000"""),
    ("program text", "executable", 0x55D000000000, "s2: the one below [heap]", """
    50100000-5013e000 r-xp /usr/lib/sbcl/sbcl.core
    55d000000000-55d000001000 r-xp /usr/bin/sbcl
    55d000100000-55d000200000 rw-p [heap]"""),
    ("program data", "writable", 0x4A4000, "s8: a guest of qemu-user", """
    400000-4a0000 r--p /srv/guest
    4a4000-5a7000 rw-p /srv/guest @a4000
    55d000000000-55d000001000 r-xp /usr/bin/qemu-x86_64"""),
    ("library bss?", "behind the data", 0x7F0000003000, "30: up to another library", """
    7f0000001000-7f0000002000 r-xp /lib/libbig.so
    7f0000002000-7f0000003000 rw-p /lib/libbig.so @2000
    7f0000003000-7f0004003000 rw-p
    7f0004003000-7f0004103000 r--p /lib/libc.so.6"""),
    ("anonymous", "private", 0x7F0000003000, "a heap between two libraries", """
    7f0000001000-7f0000002000 r-xp /lib/libbig.so
    7f0000002000-7f0000003000 rw-p /lib/libbig.so @2000
    7f0000003000-7f0000183000 rw-p
    7f0000183000-7f0000203000 r--p /lib/libc.so.6"""),
    ("library bss?", "behind the data", 0x7F8690C05000, "30: Linux 6.7 aligns it", """
    7f8690c00000-7f8690c02000 r-xp /lib/libbig.so
    7f8690c02000-7f8690c05000 rw-p /lib/libbig.so @2000
    7f8690c05000-7f8694c05000 rw-p"""),
    ("library bss?", "behind the data", 0x7F8690CCE000, "jemalloc's is large", """
    7f8690c00000-7f8690ccd000 r-xp /lib/libjemalloc.so.2
    7f8690ccd000-7f8690cce000 rw-p /lib/libjemalloc.so.2 @cc000
    7f8690cce000-7f8690ef6000 rw-p # rd wr ac
    7f8690ef6000-7f8690ef9000 r--p /lib/libgcc_s.so.1"""),
    ("anonymous", "private", 0x7F8690CCE000, "larger than jemalloc's", """
    7f8690c00000-7f8690ccd000 r-xp /lib/libjemalloc.so.2
    7f8690ccd000-7f8690cce000 rw-p /lib/libjemalloc.so.2 @cc000
    7f8690cce000-7f8690fce000 rw-p # rd wr ac
    7f8690fce000-7f8690fd1000 r--p /lib/libgcc_s.so.1"""),
    ("anonymous", "private", 0x7F8690A15000, "s5: a bss that cannot be told", """
    7f8690a10000-7f8690a12000 r-xp /lib/libx.so
    7f8690a12000-7f8690a15000 rw-p /lib/libx.so @2000
    7f8690a15000-7f8690c07000 rw-p"""),
    ("program rodata", "read only", 0x556A2F14C000, "s6: accounted, never written", """
    556a2f14c000-556a2f983000 r--p /usr/bin/poly # rd ac \
        # Rss 8412, Private_Dirty 0, Shared_Dirty 0
    556a2f983000-556a2fda2000 r-xp /usr/bin/poly @837000 # rd ex ac"""),
    ("program relro", "VmFlags ac", 0x402000, "s6: not resident, so not known", """
    400000-402000 r-xp /usr/bin/app # rd ex
    402000-403000 r--p /usr/bin/app @2000 # rd ac \
        # Rss 0, Private_Dirty 0, Shared_Dirty 0
    403000-404000 rw-p /usr/bin/app @3000 # rd wr ac"""),
    ("library relro?", "in the data", 0x7F0000202000, "written, away from others", """
    7f0000000000-7f0000002000 r-xp /lib/libx.so # # Private_Dirty 0, Shared_Dirty 0
    7f0000202000-7f0000203000 r--p /lib/libx.so @2000 \
        # # Rss 4, Private_Dirty 4, Shared_Dirty 0"""),
    ("library rodata", "read only", 0x7F0000202000, "all of a new file is dirty", """
    7f0000000000-7f0000002000 r-xp /lib/libx.so # # Private_Dirty 8, Shared_Dirty 0
    7f0000202000-7f0000203000 r--p /lib/libx.so @2000 \
        # # Rss 4, Private_Dirty 4, Shared_Dirty 0"""),
    ("library relro?", "in the data", 0x7F0000202000, "behind a hole, no flags", """
    7f0000000000-7f0000002000 r-xp /lib/libx.so
    7f0000002000-7f0000202000 ---p /lib/libx.so @2000
    7f0000202000-7f0000203000 r--p /lib/libx.so @2000
    7f0000203000-7f0000204000 rw-p /lib/libx.so @3000"""),
    ("JIT code", "named for JIT code", 0x6CDAE000, "18: a private memfd of code", """
    6cdae000-6cdaf000 r-xp /memfd:JITCode:QtQml (deleted)
    6cdaf000-6cdb0000 rw-p /memfd:JITCode:QtQml (deleted) @1000"""),
    ("anonymous", "private", 0x7FD800000000, "10: too large for heaps, from maps", """
    7fcbd8000000-7fcbdde93000 rw-p
    7fcbdde93000-7fcbe0000000 ---p
    7fd800000000-7fe000000000 rw-p"""),
    ("thread stack?", "above a guard", 0x7FAE70413000, "9: executable stacks", """
    7fae70412000-7fae70413000 ---p
    7fae70413000-7fae70c13000 rwxp
    7ffec21ee000-7ffec220f000 rwxp [stack]"""),
    ("JIT code?", "code in no file", 0x7FAE70413000, "9: the main one is not so", """
    7fae70412000-7fae70413000 ---p
    7fae70413000-7fae70c13000 rwxp
    7ffec21ee000-7ffec220f000 rw-p [stack]"""),
    ("anonymous", "private", 0x7FAE70413000, "9: all may be executed (mips)", """
    10000000-10021000 rwxp [heap]
    7fae70413000-7fae70433000 rwxp"""),
    ("thread stack", "VmFlags nh gu", 0x7F93F9C00000, "17: glibc 2.42, merged", """
    7f93f9c00000-7f93fdc00000 rw-p # rd wr gu nr nh"""),
    ("thread stack?", "VmFlags nh nr", 0x7F93F9C00000, "17: a kernel without gu", """
    7f93f9c00000-7f93fdc00000 rw-p # rd wr nr nh"""),
    ("thread stack", "VmFlags nh, above a guard", 0x7F0000001000, "30: 1 GiB", """
    7f0000000000-7f0000001000 ---p # mr nh
    7f0000001000-7f0040001000 rw-p # rd wr ac nh"""),
    ("thread stack?", "above a guard", 0x7F0000001000, "30: from maps", """
    7f0000000000-7f0000001000 ---p
    7f0000001000-7f0040000000 rw-p
    7f0040000000-7f0040001000 ---p
    7f0040001000-7f0080000000 rw-p"""),
    ("shadow stack", "VmFlags ss", 0x7F0000000000, "20: kept by the processor", """
    7f0000000000-7f0000200000 rw-p # rd wr ac sd ss"""),
    ("thread stack?", "above a guard", 0xB3001000, "21: a 32-bit JVM", """
    a2c00000-aac00000 rw-p
    b3000000-b3001000 ---p
    b3001000-b3801000 rw-p
    b6d00000-b7700000 r-xp /opt/jre/lib/server/libjvm.so"""),
    ("Java heap?", "the largest, libjvm", 0xA2C00000, "21: its heap", """
    a2c00000-aac00000 rw-p
    b2000000-b2400000 rw-p
    b6d00000-b7700000 r-xp /opt/jre/lib/server/libjvm.so"""),
    ("Java heap?", "the largest, libjvm", 0x7F0000000000, "13: 40 GiB allowed", f"""
    7f0000000000-7f0006000000 rw-p
    7f0006000000-7f0a00000000 ---p {JVM}"""),
    ("Java heap?", "the largest, libjvm", 0x7F0000000000, "13: above closed", f"""
    7efffff00000-7f0000000000 ---p
    7f0000000000-7f0006000000 rw-p {JVM}"""),
    ("Java memory?", "above the heap", 0x800C00000, "13: classes above 32 GiB", f"""
    700000000-710000000 rw-p
    800c00000-801000000 rw-p {JVM}"""),
    ("Java heap", "a file of its heap", 0x10000000000, "13: ZGC", f"""
    10000000000-10006000000 rw-s /memfd:java_heap (deleted) {JVM}"""),
    ("Java memory", "a file of its counters", 0x7FF0F61D2000, "what jstat reads", """
    7ff0f61d2000-7ff0f61da000 rw-s /tmp/hsperfdata_user123/92333"""),
    ("mapped file", "any other file", 0x7FF0F61D2000, "a name that is like it", """
    7ff0f61d2000-7ff0f61da000 rw-s /tmp/hsperfdata_user123/copy"""),
    ("JIT code?", "code in no file", 0x7F0000000000, "13: code, much as it is", f"""
    7f0000000000-7f0008000000 rwxp {JVM}"""),
    ("Java memory", "ashmem", 0x12C00000, "15: Android 9", """
    12c00000-12e07000 rw-p /dev/ashmem/dalvik-main space (deleted)"""),
    ("reserved", "closed and empty", 0x12E07000, "15: its closed part", """
    12e07000-22c00000 ---p /dev/ashmem/dalvik-main space (deleted) @207000"""),
    ("protected memory", "closed, not empty", 0x12E07000, "15: not empty", """
    12e07000-22c00000 ---p /dev/ashmem/dalvik-main space (deleted) # mr # Rss 8"""),
    ("protected memory", "closed, not empty", 0x7FE40FD40000, "s7: of a file", """
    7fe40fd40000-7fe40fd60000 ---p /usr/emacs.pdmp # mr # Rss 128"""),
    ("shared memory?", "no clean page", 0x7CE320000000, "12: no disk behind it", """
    7ce320000000-7cfc20000000 r--s /ramfs/x.mdb # sh \
        # Rss 512, Private_Dirty 512, Shared_Dirty 0"""),
    ("mapped file", "any other file", 0x7CE320000000, "12: some pages are clean", """
    7ce320000000-7cfc20000000 r--s /srv/x.mdb # sh \
        # Rss 512, Private_Dirty 508, Shared_Dirty 0"""),
    ("hugetlb?", "where hugetlbfs is", 0x7FFFD7C00000, "24: DPDK's", """
    7fffd7c00000-7fffd7e00000 rw-s /mnt/huge/rtemap_1012"""),
    ("hugetlb", "huge pages", 0x7FFFD7C00000, "24: by the size of a page", """
    7fffd7c00000-7fffd7e00000 rw-s /srv/x # rd # KernelPageSize 2048"""),
    ("hugetlb", "huge pages", 0x7FFFD7C00000, "24: by what is counted", """
    7fffd7c00000-7fffd7e00000 rw-p  # rd # KernelPageSize 4, Private_Hugetlb 2048"""),
    ("mapped file", "any other file", 0x7FFFD7C00000, "24: pages of 4 KiB there", """
    7fffd7c00000-7fffd7e00000 rw-s /mnt/huge/x # rd # Rss 4, KernelPageSize 4"""),
    ("JIT code or heap?", "much, writable", 0x1001330000, "s2: SBCL's heap", """
    1001330000-1040000000 rwxp # rd wr ex nr"""),
    ("JIT code?", "code in no file", 0x1001330000, "s2: too little for a heap", """
    1001330000-1001430000 rwxp # rd wr ex ac"""),
    ("V8 heap?", "its pages", 0x335AE40000, "node 20, fork copies none of it", """
    335ae40000-335ae80000 rw-p # rd wr dc nr"""),
    ("V8 heap?", "its pages", 0x335AE40000, "the same from maps", """
    400000-2000000 r-xp /usr/bin/node
    335ae40000-335ae80000 rw-p"""),
    ("V8 heap?", "its pages", 0x335AE40000, "shorter than a page", """
    400000-2000000 r-xp /usr/bin/node
    335ae40000-335ae78000 rw-p"""),
    ("glibc arena?", "64 MiB aligned", 0x7F4E18000000, "26: of node", """
    400000-2000000 r-xp /usr/bin/node
    7f4e18000000-7f4e1804d000 rw-p
    7f4e1804d000-7f4e1c000000 ---p"""),
    ("mimalloc?", "its addresses", 0x20002000000, "32: at 32 MiB, from 2 TiB on", """
    20002000000-20006000000 rw-p # rd wr nr"""),
    ("jemalloc?", "its library", 0x7F0000200000, "32: preloaded", """
    7f0000200000-7f0000a00000 rw-p
    7f9000000000-7f9000a00000 r-xp /usr/lib/libjemalloc.so.2"""),
    ("PHP memory?", "its chunks", 0x7F0000200000, "chunks of 2 MiB", """
    400000-600000 r-xp /usr/bin/php8.2
    7f0000200000-7f0000600000 rw-p"""),
    ("PartitionAlloc?", "its super pages", 0x7F0000204000, "guarded on both sides", """
    7f0000200000-7f0000204000 ---p
    7f0000204000-7f00003f0000 rw-p
    7f00003f0000-7f0000404000 ---p"""),
    ("V8 heap", "VmFlags dc nr, of node", 0x335AE40000, "sure, for node is known", """
    400000-2000000 r-xp /usr/bin/node
    335ae40000-335ae80000 rw-p # rd wr dc nr"""),
    ("anonymous", "private", 0x7F15DC000000, "memory of WebAssembly", """
    400000-2000000 r-xp /usr/bin/node
    7f155c000000-7f15dc000000 ---p # dc nr
    7f15dc000000-7f15ddf40000 rw-p # rd wr dc nr
    7f15ddf40000-7f17dc000000 ---p # dc nr"""),
    ("anonymous", "private", 0x7F9712000000, "qemu: no fork copies its guest", """
    400000-2000000 r-xp /usr/bin/qemu-system-x86_64
    7f9712000000-7f9722000000 rw-p # rd wr dc nr hg"""),
    ("V8 heap?", "its 4 GiB", 0xCBF01000000, "with compressed pointers", """
    400000-2000000 r-xp /usr/lib/chromium/chromium
    caf00000000-cbf00000000 ---p # nr
    cbf00000000-cbf00010000 r--p # rd nr
    cbf00010000-cbf01000000 ---p # nr
    cbf01000000-cbf01980000 rw-p # rd wr nr
    cbf01980000-cc0000c0000 ---p # nr
    cc0000c0000-cc000140000 rw-p # rd wr nr"""),
    ("anonymous", "private", 0xCC0000C0000, "more than 4 GiB above its start", """
    400000-2000000 r-xp /usr/lib/chromium/chromium
    cbf00000000-cbf00010000 r--p # rd nr
    cbf00010000-cc0000c0000 ---p # nr
    cc0000c0000-cc000140000 rw-p # rd wr nr"""),
    ("anonymous", "private", 0x255C02000000, "another heap of Chromium's", """
    400000-2000000 r-xp /usr/lib/chromium/chromium
    255c00000000-255c02000000 ---p
    255c02000000-255c02820000 rw-p # rd wr ac
    255c02820000-256000000000 ---p"""),
    ("fiber stack?", "of a coroutine", 0x7F975CCFF000, "of qemu, not of a thread", """
    400000-2000000 r-xp /usr/bin/qemu-system-x86_64
    7f975ccfe000-7f975ccff000 ---p
    7f975ccff000-7f975cdff000 rw-p # rd wr ac"""),
    ("Python memory?", "its arenas", 0x7F9C2727A000, "16 KiB of each are untouched", """
    400000-800000 r-xp /usr/bin/python3.11
    7f9c2727a000-7f9c2767a000 rw-p # rd wr ac # Rss 4032, Swap 0"""),
    ("Python memory?", "its arenas", 0x7F9C2727A000, "and some is swapped", """
    400000-800000 r-xp /usr/lib/libpython3.12.so.1.0
    7f9c2727a000-7f9c2767a000 rw-p # rd wr ac # Rss 4000, Swap 32"""),
    ("Python memory?", "its arenas", 0x7F9C29224000, "at 16 KiB, and one proves", """
    400000-800000 r-xp /usr/bin/python3.11
    7f9c2727a000-7f9c2767a000 rw-p # rd wr ac # Rss 4032, Swap 0
    7f9c29224000-7f9c29324000 rw-p # rd wr ac # Rss 1024, Swap 0"""),
    ("Python memory?", "its arenas", 0x7F9C266C5000, "the newest is not full", """
    400000-800000 r-xp /usr/bin/python3.11
    7f9c266c5000-7f9c26ac5000 rw-p # rd wr ac # Rss 3240, Swap 0
    7f9c2727a000-7f9c2767a000 rw-p # rd wr ac # Rss 4032, Swap 0"""),
    ("anonymous", "private", 0x7F3612795000, "mapped by mmap: all is touched", """
    400000-800000 r-xp /usr/bin/python3.11
    7f3612795000-7f3616395000 rw-p # rd wr ac # Rss 61440, Swap 0"""),
    ("anonymous", "private", 0x7F3612798000, "at 16 KiB, and nothing proves", """
    400000-800000 r-xp /usr/bin/python3.11
    7f3612798000-7f3616398000 rw-p # rd wr ac # Rss 61440, Swap 0"""),
    ("anonymous", "private", 0x7F3612798000, "far more than what is proven", """
    400000-800000 r-xp /usr/bin/python3.11
    7f3612798000-7f3616398000 rw-p # rd wr ac # Rss 61440, Swap 0
    7f9c2727a000-7f9c2767a000 rw-p # rd wr ac # Rss 4032, Swap 0"""),
    ("anonymous", "private", 0x7F9C2727A000, "no Python", """
    400000-800000 r-xp /usr/bin/perl
    7f9c2727a000-7f9c2767a000 rw-p # rd wr ac # Rss 4032, Swap 0"""),
    ("PHP memory?", "its chunks", 0x7F2C9B800000, "a large block", """
    400000-600000 r-xp /usr/lib/libphp.so
    7f2c9b800000-7f2c9badd000 rw-p # rd wr ac"""),
    ("anonymous", "private", 0x7F2C9B800000, "less than any block there", """
    400000-600000 r-xp /usr/bin/php8.2
    7f2c9b800000-7f2c9b8dd000 rw-p # rd wr ac"""),
    ("anonymous", "private", 0x7F4EECD29000, "jemalloc loaded: no place of its", """
    7f4eecd29000-7f4eed429000 rw-p
    7f9000000000-7f9000a00000 r-xp /usr/lib/libjemalloc.so.2"""),
    ("anonymous", "private", 0x7F4EECC00000, "jemalloc loaded: CPython's, or its", """
    400000-800000 r-xp /usr/bin/python3.11
    7f4eecc00000-7f4eed400000 rw-p
    7f9000000000-7f9000a00000 r-xp /usr/lib/libjemalloc.so.2"""),
    ("PartitionAlloc?", "its super pages", 0x33D000108000, "in two parts", """
    33d000000000-33d000004000 ---p
    33d000004000-33d000108000 rw-p # rd wr ac
    33d000108000-33d000128000 rw-p # rd wr ac
    33d000128000-33d000204000 ---p"""),
    ("PartitionAlloc?", "its super pages", 0x263400404000, "larger than one", """
    2634003f4000-263400402000 ---p
    263400402000-263400403000 rw-p # rd wr ac
    263400403000-263400404000 ---p
    263400404000-263400c05000 rw-p # rd wr ac
    263400c05000-263400e02000 ---p"""),
    ("thread stack?", "above a guard", 0x263400404000, "no notes below", """
    263400403000-263400404000 ---p
    263400404000-263400c05000 rw-p
    263400c05000-263400e02000 ---p"""),
    ("Go heap?", "Go's addresses", 0x8800000, "4: advice cut it", """
    8048000-8200000 r-xp /srv/app
    8800000-c400000 rw-p # rd wr ac
    c400000-ca00000 rw-p # rd wr ac nh
    ca00000-cc00000 rw-p # rd wr ac
    cc00000-28c00000 ---p"""),
    ("glibc arena", "64 MiB aligned, VmFlags nr", 0x7FC000000000, "3: by chance", """
    400000-800000 r-xp /usr/bin/node
    7fc000000000-7fc0002e4000 rw-p # rd wr nr
    7fc0002e4000-7fc004000000 ---p # nr
    7fc008000000-7fc008100000 r-xp /lib/libc.so.6"""),
    ("glibc arena?", "64 MiB aligned", 0x7FC000000000, "3: the same from maps", """
    400000-800000 r-xp /usr/bin/app
    7fc000000000-7fc0002e4000 rw-p
    7fc0002e4000-7fc004000000 ---p
    7fc008000000-7fc008100000 r-xp /lib/libc.so.6"""),
    ("Java heap?", "the largest, libjvm", 0x7FA104000000, "13: a full one", f"""
    7f9cd8000000-7f9cdde93000 rw-p
    7f9cdde93000-7f9ce0000000 ---p
    7fa104000000-7fa11c000000 rw-p
    7fa11c000000-7fab04000000 ---p {JVM}"""),
    ("Java heap?", "the largest, libjvm", 0x7FA104000000, "13: by its limit", f"""
    7fa096000000-7fa0b0000000 rw-p
    7fa104000000-7fa11c000000 rw-p
    7fa11c000000-7fab04000000 ---p {JVM}"""),
    ("program rodata", "read only", 0x80CC000, "Go's own linker makes no relro", """
    8048000-80cc000 r-xp /srv/app
    80cc000-8155000 r--p /srv/app @84000
    8155000-816a000 rw-p /srv/app @10d000
    8800000-c400000 rw-p
    c400000-28c00000 ---p"""),
]  # fmt: skip
