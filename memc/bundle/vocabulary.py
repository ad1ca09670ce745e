"""The words that tell nothing of a user or a machine: they may stand in a bundle.

Each list is closed.  A pattern here admits numbers and versions, and no free words.
"""

from __future__ import annotations

import re

__all__ = [
    "ANON",
    "ANON_INODES",
    "ANON_INODE_STARTS",
    "CGROUPS",
    "COLUMN_WORDS",
    "DEVICES",
    "DEVICE_STARTS",
    "ENDINGS",
    "FACTS",
    "FOLDERS",
    "FOLDER_STARTS",
    "KERNELS",
    "KERNEL_NAMES",
    "KERNEL_OBJECTS",
    "LIBRARIES",
    "MARKED_WORDS",
    "MEMFDS",
    "NUMBERS",
    "OWN_FOLDERS",
    "PLUGIN",
    "PROGRAMS",
    "STARTS",
    "SYSTEM",
    "SYSTEM_FOLDERS",
    "UNIT_ENDS",
    "WORDS",
]


def listed(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def in_order(text: str) -> tuple[str, ...]:
    """Return the words of a text, the longest first."""
    return tuple(sorted(text.split(), key=len, reverse=True))


# Parts of paths: the standard's folders, those of packages, and of languages.
FOLDERS = listed("""
memc _memc ffi pyenv .pyenv versions usr lib lib32 lib64 libx32 libexec bin sbin share
local etc var cache tmp run opt srv home root proc self exe sys devices dev shm mnt
media boot games include src log spool
dist-packages site-packages lib-dynload ensurepip asyncio json encodings
gconv gconv-modules.cache fonts icons mime jvm node_modules server modules
x86_64-linux-gnu aarch64-linux-gnu arm-linux-gnueabihf i386-linux-gnu
riscv64-linux-gnu powerpc64le-linux-gnu s390x-linux-gnu x86_64-linux-musl
aarch64-linux-musl glibc-hwcaps x86-64-v2 x86-64-v3 x86-64-v4 ossl-modules engines-3
locale locale-archive C.utf8 C.UTF-8 C POSIX LC_MESSAGES zoneinfo pkgconfig
LC_ADDRESS LC_COLLATE LC_CTYPE LC_IDENTIFICATION LC_MEASUREMENT LC_MONETARY LC_NAME
LC_NUMERIC LC_PAPER LC_TELEPHONE LC_TIME SYS_LC_MESSAGES
systemd dbus gcc perl perl5 perl-base ruby gems auto vendor_perl core_perl dri
vdpau gio gtk-3.0 gtk-4.0 gdk-pixbuf-2.0 qt5 qt6 plugins platforms nss java
conda miniconda3 anaconda3 envs venv .venv virtualenv pkgs target release debug
build dist numpy numpy.libs scipy scipy.libs pandas polars torch tensorflow
sklearn scikit_learn.libs matplotlib PIL pillow.libs pyarrow cffi cryptography
lxml psutil orjson pydantic_core yaml google protobuf grpc grpc_cython _cython
core linalg random fft _core _libs tslibs nvidia cuda cudnn cublas hugepages
hugetlbfs huge postgresql mysql containerd docker overlay2 overlay snap flatpak
app runtime files nix store gnu current default main _multiarray_umath
_multiarray_tests _umath_linalg _pocketfft_umath _pocketfft_internal mtrand
""")
# Names of programs, as processes and as files.
PROGRAMS = listed("""
bash sh dash zsh fish ash busybox python python3 pypy pypy3 java javac node nodejs
deno bun nginx apache2 httpd postgres mysqld mariadbd redis-server memcached mongod
php php-fpm php-cgi ruby perl perl5 sshd ssh systemd systemd-journald journald
systemd-udevd udevd systemd-logind systemd-resolved systemd-networkd
systemd-timesyncd dbus-daemon dbus-broker cron crond rsyslogd chronyd ntpd init
sleep cat tmux screen top htop less vim containerd containerd-shim dockerd docker
kubelet runc crun podman conmon pause chrome chromium firefox electron code gunicorn
uvicorn celery prometheus grafana haproxy envoy etcd qemu-system-x86_64
qemu-system-aarch64 beam.smp erl mono dotnet R Rscript julia luajit lua sbcl guile
octave go gcc g++ cc1 cc1plus clang ld make cmake cargo rustc git memc gdb strace
perf supervisord rabbitmq sudo su login agetty getty polkitd NetworkManager
kthreadd Xorg Xwayland gnome-shell pulseaudio pipewire wireplumber kworker
""")
# Libraries, without their endings.
LIBRARIES = listed("""
ld-linux-x86-64 ld-linux-aarch64 ld-linux ld-linux-armhf ld-musl-x86_64
ld-musl-aarch64 ld64 ld libc libm libdl libpthread librt libutil libresolv libnsl
libcrypt libnss_files libnss_dns libnss_systemd libnss_compat libstdc++ libgcc_s
libgomp libatomic libgfortran libquadmath libasan libtsan libubsan libz libzstd
liblzma libbz2 liblz4 libbrotlicommon libbrotlidec libssl libcrypto libffi libexpat
libsqlite3 libreadline libncurses libncursesw libtinfo libtinfow libuuid libcap
libselinux libpcre libpcre2-8 libpcre3 libsystemd libdbus-1 libudev libmount
libblkid libacl libattr libaudit libpam libgcrypt libgpg-error libglib-2.0
libgobject-2.0 libgio-2.0 libgmodule-2.0 libxml2 libxslt libcurl libnghttp2 libidn2
libunistring libgmp libmpfr libgnutls libhogweed libnettle libp11-kit libtasn1
libkrb5 libk5crypto libcom_err libkrb5support libgssapi_krb5 libkeyutils libldap
liblber libsasl2 libicuuc libicudata libicui18n libpq libmariadb libmysqlclient
libuv libevent libX11 libxcb libGL libEGL libGLX libGLdispatch libdrm libgbm libLLVM
libpython2 libpython3 libruby libperl libphp libjvm libj9vm libjava libjli libnio
libnet libzip libjimage libverify libmanagement libnode libv8 libcoreclr libclrjit
libmono libmozjs libxul libjavascriptcoregtk libluajit liblua liblua5 libasmrun
libcamlrun libguile libr libR libjulia liboctave liboctinterp libtcl libgc
libjemalloc libmimalloc libtcmalloc libtcmalloc_minimal libscudo libopenblas
libscipy_openblas libscipy_openblas64_ libblas liblapack libmkl_core libmkl_rt
libtorch libtorch_cpu libtorch_cuda libtorch_python libc10 libtensorflow
libtensorflow_framework libarrow libarrow_python libparquet libcuda libcudart
libcublas libcudnn libnccl libnvidia-ml libwasmtime libwasmer libiwasm libprotobuf
libgrpc libnuma libaio liburing librdmacm libibverbs libmpi
""")
WORDS = FOLDERS | PROGRAMS | LIBRARIES

# Numbers and versions alone: no date, no user's number, no address of the network.
NUMBERS = re.compile(
    r"\d{1,3}(\.\d{1,3}){0,2}|v\d{1,3}(\.\d{1,3}){0,2}|(lib)?python\d(\.\d{1,2})?"
    r"|(lib)?ruby\d?\.\d|(lib)?perl5?\.\d{1,2}|php\d\.\d|java-\d{1,2}-openjdk(-amd64)?"
    r"|jdk-\d{1,2}(\.\d{1,3}){0,2}|liblua5\.\d|(lib)?tcl8\.\d|libmozjs-\d{1,3}"
    r"|postgresql\d\d?|LLVM-\d{1,2}|libLLVM-\d{1,2}",
    re.ASCII,
)
# What may stand behind a name, where the name itself is hidden.
ENDINGS = re.compile(
    r"(?:(?:\.cpython-3\d{1,2}[dmt]?(?:-(?:x86_64|aarch64|i386|arm)-linux-"
    r"(?:gnu|musl))?|\.abi3)?"
    r"\.so(?:\.\d{1,3}){0,3}"
    r"|\.(?:jar|py|pyc|pyd|node|oat|odex|dex|vdex|art|apk|jsa|mo|cache|db|ttf|otf|pak"
    r"|dat|bin|js|json|sqlite|sqlite3|whl|txt|log|csv|parquet|arrow|h5|npy|pt|onnx|exe"
    r"|dll|sys|drv|ocx|cpl|acm|ax|winmd|oct|eln|mex|cmxs|dylib|bundle|sprx|prx|out|elf"
    r"|run|appimage|real|wrapped|orig|x86_64|amd64|i386|i686|aarch64|arm64|arm|riscv64"
    r"|static|debug|old|new|tmp|lock|conf|xml|html|gz|zst|ext))\Z",
    re.ASCII | re.IGNORECASE,
)
PLUGIN = ".ext"  # stands for an ending that is not known

# Starts that rules of owners look for: they stay before a name that is hidden.
STARTS = in_order("""
libscipy_openblas libtensorflow libjavascriptcore libopenblas libmimalloc
libjemalloc libtcmalloc libwasmtime liboctinterp libcamlrun libcoreclr libluajit
hsperfdata_ liboctave libasmrun libwasmer libmkl_ libclrjit qemu-system libpython
java_heap openblas libarrow. redis-server liblua5 libguile libhsrts libscudo
libtorch libmozjs libiwasm libcudart libjulia jvmheap. chromium electron libcuda.
hugepages rtemap_ libj9vm liblibruby libperl libpypy wasmtime libnode vivaldi
libxul liblua. libphp libtcl luajit msedge python chrome libv8 octave tclsh
ocaml brave guile opera beam. julia qemu- pypy ruby perl mono node deno sbcl lua5
code php bun huge
""")
# Words that rules of owners look for inside of names that programs give to memory.
MARKED_WORDS = (
    *("alloc", "coroutine", "fiber", "guard", "jit", "partition", "signal", "stack"),
    *("thread", "worker"),
)

# The distribution's files, but what is local.
SYSTEM = re.compile(
    r"(?!.*/\.{1,2}(?:/|\Z))"
    r"/(?:usr/(?:bin|sbin|lib|lib32|lib64|libx32|libexec|share|games|include)"
    r"|lib|lib32|lib64|libx32|bin|sbin)/.+",
    re.DOTALL,
)
# Folders below which names tell a language, a region or a place, or in which people put
# files of their own, by an installer of packages or by hand.
SYSTEM_FOLDERS = listed("""
locale locale-langpack zoneinfo i18n myspell hunspell hyphen aspell ispell dict
dictionaries X11 keymaps kbd translations tesseract-ocr fonts site-packages
site-library node_modules gems debug cgi-bin html www webapps sites home srv opt local
root var tmp mnt media data users
""")
# Folders that hold one of each user, which may be called "julia" or "ruby".
OWN_FOLDERS = listed("home media user users Users")
# Starts of folders that rules of owners look for.
FOLDER_STARTS = ("hsperfdata_", "hugepages", "huge")

KERNEL_NAMES = listed("""
[heap] [stack] [vdso] [vvar] [vvar_vclock] [vsyscall] [vectors] [sigpage] [uprobes]
[io_uring] [mpx] [kuser] [vdso_data]
""")
# Files of the kernel that are no files.
KERNEL_OBJECTS = frozenset(
    ("/anon_hugepage", "/[aio]", "/i915", "/drm mm object", "/secretmem", "/dmabuf:")
)
# Names that runtimes and allocators give: words of theirs, and numbers.
ANON = re.compile(
    r" glibc: (?:malloc arena|malloc|loader malloc|fopen|getdelim"
    r"|pthread (?:user )?stack: \d{1,7})"
    r"| Go: (?:heap|heap reservation|heap metadata|heap index|immortal metadata"
    r"|gc bits|page alloc(?: index)?|page summary|profiler hash buckets|stack"
    r"|debug log|trace stacks?|scavenge index|allocation headers|extra|mspans?)"
    r"|cpython:(?:pymalloc|pymalloc_arena|arena|jit|obmalloc|perf_jit_trampoline)"
    r"|\.bss|libc_malloc|linker_alloc|linker_alloc_lob|atexit handlers|thread signal"
    r" stack|bionic_alloc_small_objects|bionic_alloc_lob|arc4random data|scudo"
    r"|scudo:(?:primary|primary_reserve|secondary|counters|ring_buffer|stack_depot)"
    r"|GWP-ASan(?: Metadata| Guard Page| Alive Slot| Free List| Signal Stack)?"
    r"|jemalloc(?:_pg|_pg_overcommit)?|mimalloc|tcmalloc(?:_region_NORMAL|_region_METADATA)?"
    r"|partition_alloc|v8|v8 jit|JIT cache|stack_and_tls:(?:main|\d{1,7})"
    r"|dalvik-(?:main space|large object space|zygote space|non moving space"
    r"|free list large object space|LinearAlloc|jit-code-cache|data-code-cache"
    r"|zygote-jit-code-cache|region space|card table|indirect ref table)"
    r"|zend_alloc|js-gc-heap|js-executable-memory|huge_code_pages|nodejs Large Page"
)
MEMFDS = frozenset(
    ("java_heap", "doublemapper", "pulseaudio", "wayland-shm", "xshmfence", "jit-cache")
)
ANON_INODES = re.compile(
    r"(?:\[(?:io_uring|perf_event|eventpoll|eventfd|signalfd|timerfd|inotify|fanotify"
    r"|userfaultfd|pidfd|bpf|bpf-map|bpf-prog|bpf_link|btf|i915|i915\.gem|i915_perf|xe"
    r"|xe_oa|drm|amdgpu|vfio|vfio-device|vfio-pci|iommufd|secretmem|dmabuf|sync_file"
    r"|kvm-vm|kvm-vcpu|kvm-device)\]"
    r"|bpf-map|bpf-prog|btf|dmabuf|sync_file|i915\.gem|drm|xe|amdgpu|kvm-vcpu:\d{1,4}"
    r"|kvm-vm|kvm-device|vfio-device|secretmem|inotify)"
)
ANON_INODE_STARTS = (
    *("[i915", "i915", "[xe", "xe", "[drm", "drm", "[amdgpu", "amdgpu", "dmabuf"),
    *("bpf", "[bpf", "[vfio", "vfio", "[iommufd"),
)
DEVICES = re.compile(
    r"/dev/(?:zero|null|mem|fuse|kvm|kfd|dri/(?:card|renderD)\d{1,3}"
    r"|nvidia(?:\d{1,2}|ctl|-uvm|-uvm-tools|-modeset)|vfio/(?:vfio|\d{1,4})|hpet"
    r"|infiniband/uverbs\d{1,3}|snd/pcmC\d{1,2}D\d{1,2}[pc]|video\d{1,2}|fb\d|dxg|ion"
    r"|ashmem|binder|hwbinder|vndbinder|rtc\d?)"
)
# Devices whose owner goes by the start of the name; the longest that fits stays.
DEVICE_STARTS = in_order("""
dri/ nvidia kgsl mali kfd pvr dxg nvmap nvhost galcore ion dma_heap/ accel
davinci neuron habanalabs hl apex_ qaic ipu npu rknpu hailo vacc hisi_hdc
devmm_svm cambricon xdna adsprpc fastrpc tenstorrent mlu intel_vpu
__properties__/ ashmem/dalvik- ashmem/ zero hugepages huge infiniband/
""")
CGROUPS = listed("""
system.slice user.slice init.scope machine.slice kubepods kubepods.slice docker
containers lxc libpod_parent besteffort burstable guaranteed session.slice app.slice
background.slice kubepods-besteffort.slice kubepods-burstable.slice
kubepods-guaranteed.slice nginx.service ssh.service sshd.service cron.service
docker.service containerd.service dbus.service systemd-journald.service
systemd-udevd.service systemd-logind.service systemd-resolved.service
systemd-networkd.service systemd-timesyncd.service postgresql.service
mariadb.service mysql.service redis.service redis-server.service apache2.service
httpd.service php-fpm.service kubelet.service crio.service podman.service
user.service init supervisor
""")
UNIT_ENDS = re.compile(r"\.(?:service|scope|slice|mount|socket|swap)\Z")
# Keys and words of the manifest and of the machine's facts.
FACTS = listed("""
format memc kernel page_size form plain strict safe key file random samples
processes regions never_taken keep_names kept kept_secrets rules left_out columns
values keys flags max_map_count overcommit_memory overcommit_ratio
overcommit_kbytes swappiness nr_hugepages mem_total_kb swap_total_kb thp enabled
defrag shmem_enabled always madvise never defer defer+madvise within_size advise
deny force cgroups pids version limit_kb sees_all groups limits_kb usage_kb swap_kb
peak_kb events memory.max memory.high memory.low memory.min memory.swap.max
min swap.max memsw.max kmem.max zswap.max
memory.limit_in_bytes memory.soft_limit_in_bytes memory.memsw.limit_in_bytes low
high max oom oom_kill oom_group_kill failcnt under_oom oom_kill_disable sock_throttled
""") | {
    *("command lines", "environments", "environment", "memory", "contents of memory"),
    *("host name", "the name of the machine", "boot id", "its boot id", "time of day"),
    *("the time of day", "command line of the kernel", "a program", "a control group"),
    *(
        "the command line of the kernel",
        "a program's name, as asked",
        "hidden as asked",
    ),
    "the name of a process",
}
# What distributions call their kernels.
KERNELS = listed("""
amd64 arm64 aarch64 x86_64 generic cloud lowlatency aws azure gcp oracle rt lts zen
hardened default virt microsoft standard WSL2 raspi
""")
# Words of the names of columns that a newer kernel may add to smaps.
COLUMN_WORDS = listed("""
rss pss uss swap swapped swappss anon anonymous file shmem shared private clean
dirty huge hugetlb hugepages pages page pte pmd pud mapped locked referenced lazy
free lazyfree ksm thp eligible size kernel mmu protection key zswap zswapped zero
zeropages zeropage folio folios mthp cold hot idle young guard device dax cow secret
secretmem memory memcg zone numa node compressed large order unevictable accounted
pinned stack shadow writeback exclusive unique total cont contpte kb
""")
