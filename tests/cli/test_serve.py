"""memc serve as a command: what it refuses, what it prints, and how it ends."""

import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.cases import cases
from support.certificates import Certificates
from support.commands import COMMANDS
from support.family import fill
from support.web import Web, get, parts

memc = COMMANDS["native"]
TRY = "\nmemc: try 'memc serve --help'\n"
EXTRA = "memc: memc serve needs: pip install 'memc[serve]'\n"
HASH = "scrypt$16384$8$1$" + "00" * 16 + "$" + "11" * 32


@pytest.fixture
def family(tree):
    return str(fill(tree))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve")
    made = Certificates(folder)
    made.sign("s")
    made.sign("other")
    made.sign("old", days=-1)
    (folder / "text.crt").write_text("no certificate\n")
    for name, mode, text in (
        ("auth", 0o600, f"prom:{HASH}\n"),
        ("open", 0o644, f"prom:{HASH}\n"),
        ("bad", 0o600, f"prom:{HASH}\nute:a-secret\n"),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(mode)
    return folder


def serve(*args, **options):
    done = memc("serve", *args, **options)
    assert done.out == b""
    return done.status, done.err.decode()


TLS = ("--tls-cert", "s.crt", "--tls-key", "s.key")
REACH = "memc: other machines can reach 0.0.0.0:0: give"
ANY = "; --insecure serves everybody"
NO_TLS, NO_AUTH = "--tls-cert and --tls-key", "--auth-file or --client-ca"
FORM = "USER:HASH, with a hash as memc serve --hash makes it"
WHERE = "HOST:PORT, such as 127.0.0.1:9917 or [::1]:9917"
# what is said, arguments (names of files are in a folder), why
WRONG = [
    (f"{REACH} {NO_TLS}, and {NO_AUTH}{ANY}{TRY}", ["--listen", "0.0.0.0:0"], "bare"),
    (f"{REACH} {NO_AUTH}{ANY}{TRY}", ["--listen", "0.0.0.0:0", *TLS], "no password"),
    (f"{REACH} {NO_TLS}{ANY}{TRY}",
     ["--listen", "0.0.0.0:0", "--auth-file", "auth"], "a password in plain text"),
    (f"memc: TLS needs both: --tls-cert FILE and --tls-key FILE{TRY}",
     ["--tls-cert", "s.crt"], "no key"),
    (f"memc: --client-ca is of TLS: give --tls-cert and --tls-key, too{TRY}",
     ["--client-ca", "ca.crt"], "a CA, no TLS"),
    ("memc: none.crt: No such file or directory\n",
     ["--tls-cert", "none.crt", "--tls-key", "s.key"], "no certificate"),
    ("memc: text.crt: it has no certificate in PEM\n",
     ["--tls-cert", "text.crt", "--tls-key", "s.key"], "a text"),
    ("memc: s.crt: the certificate does not belong to the key other.key\n",
     ["--tls-cert", "s.crt", "--tls-key", "other.key"], "a wrong key"),
    ("memc: none: No such file or directory\n", ["--auth-file", "none"], "no file"),
    ("memc: open: other users may read or write it (mode 0644): chmod 600 open\n",
     ["--auth-file", "open"], "others can read the hashes"),
    (f"memc: bad: line 2: expected {FORM}\n",
     ["--auth-file", "bad"], "a password in the place of a hash is not told"),
    (f"memc: --output is for --once: memc serve writes no file{TRY}",
     ["--output", "x"], "a file without --once"),
    (f"memc: --listen: expected {WHERE}, not '9917'{TRY}", ["--listen", "9917"], "x"),
    (f"memc: argument --interval: expected 100 ms or more, not '1ms'{TRY}",
     ["--interval", "1ms"], "too often"),
    (f"memc: argument --groups: expected a positive number, not '0'{TRY}",
     ["--groups", "0"], "no groups"),
    (f"memc: --owners is of mappings: --detail uss or smaps, not totals{TRY}",
     ["--owners", "--detail", "totals"], "sums alone have no owners"),
]  # fmt: skip


@cases(WRONG, why=2)
def test_wrong_options_and_files_are_status_2_before_memc_listens(files, case):
    expected, args, _ = case
    names = {path.name for path in files.iterdir()} | {"none", "none.crt"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = [] if "--listen" in args else ["--listen", name_of(taken)]
        found = [str(files / word) if word in names else word for word in args]
        status, err = serve(*found, *where)
    assert (status, err.replace(f"{files}/", "")) == (2, expected)


def name_of(server):
    return f"127.0.0.1:{server.getsockname()[1]}"


def test_word_that_is_no_pid_and_bounds_that_are_too_small_are_refused():
    status, err = serve("nginx")
    assert (status, err.startswith("memc: 'nginx' is no pid")) == (2, True)
    status, err = serve("--max-series", "1")
    assert (status, err.startswith("memc: --max-series: ")) == (2, True)


def test_port_that_is_taken_is_status_1():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = name_of(taken)
        told = f"memc: cannot listen on {where}: address in use\n"
        assert serve("--listen", where) == (1, told)


# status, stderr, packages that are missing, argument
MISSING = [
    (2, EXTRA, ["uvicorn"], "--all"),
    (2, EXTRA, ["h11"], "--insecure"),
    (2, EXTRA, ["prometheus_client"], "--owners"),
    (2, EXTRA, ["prometheus_client"], "--once"),
    (0, "", ["uvicorn", "h11"], "--detail=rss --once"),
    (0, "", ["uvicorn", "h11", "prometheus_client"], "--help"),
    (0, "", ["uvicorn", "h11", "prometheus_client"], "--rules"),
    (2, EXTRA, ["uvicorn", "prometheus_client"], "--tls-cert=x"),
]


@cases(MISSING, why=3)
def test_missing_packages_are_told_with_the_cure(case, family):
    status, err, packages, args = case
    code = f"""
import sys
sys.modules.update(dict.fromkeys({packages}))
sys.argv = ["memc", "serve", *{args.split()}, "--proc", {family!r}]
from memc.cli.main import main
sys.exit(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert (done.returncode, done.stderr) == (status, err)


def serving(*args):
    """Start the command at a free port."""
    where = () if {"--socket", "--listen"} & {*args} else ("--listen", "127.0.0.1:0")
    return Web([*memc.argv, "serve", *where, *map(str, args)])


# the signal that ends it, what a page has, arguments
SERVED = [
    (15, b'memc_group_processes{group="nginx.service"} 2.0', []),
    (2, b'num_procs{groupname="nginx.service"} 2.0', ["--names", "process-exporter"]),
]


@pytest.mark.parametrize("case", SERVED, ids=["TERM", "INT"])
def test_it_serves_groups_and_ends_by_a_signal(family, case):
    number, expected, args = case
    web = serving("--proc", family, "--detail", "smaps", *args)
    while parts(web.ask(get("/-/ready")))[0] != 200:
        pass
    status, headers, body = parts(web.ask(get()))
    assert (status, "version=0.0.4" in headers["content-type"]) == (200, True)
    assert expected in body
    status, rest, took_s = web.end(number)
    assert (status, rest) == (0, "")
    assert took_s < 3


@pytest.mark.parametrize("reset", [False, True], ids=["closes", "resets"])
def test_client_that_leaves_before_its_answers_does_not_end_it(family, reset):
    web = serving("--proc", family)
    for _ in range(20):
        with web.connect() as client:
            client.sendall(get(close=False) * 40)
            if reset:
                linger = struct.pack("ii", 1, 0)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    assert parts(web.ask(get()))[0] == 200
    assert web.end()[:2] == (0, "")


def test_signal_in_the_middle_of_a_scan_ends_it():
    busy = ("--duty", "100", "--interval", "100ms", "--detail", "smaps", "--owners")
    web = serving(*busy)  # of all processes, one scan after another
    assert parts(web.ask(get("/-/healthy")))[0] == 200
    status, rest, took_s = web.end()
    assert (status, rest) == (0, "")
    assert took_s < 3


def test_scan_that_fails_is_told_once_and_memc_serves_on(tmp_path):
    web = serving("--proc", tmp_path / "none", "--interval", "100ms")
    body = b""
    while not re.search(rb"memc_scan_errors_total [3-9]", body):
        body = web.ask(get())
    assert b"memc_up 0.0" in body
    status, rest, _ = web.end()
    assert status == 0
    assert ("".join(web.said) + rest).count("\n") == 2  # where it serves, what failed


def test_expired_certificate_is_told_and_served(files):
    tls = ("--tls-cert", files / "old.crt", "--tls-key", files / "old.key")
    web = serving(*tls, "--listen", "0.0.0.0:0", "--auth-file", files / "auth")
    told = "the certificate has expired: clients will refuse it"
    assert web.said[0] == f"memc: {files}/old.crt: {told}\n"
    assert web.urls[0].startswith("https://0.0.0.0:")
    assert web.end()[:2] == (0, "")


def test_insecure_serves_everybody():
    web = serving("--listen", "0.0.0.0:0", "--insecure", "--detail", "totals")
    assert parts(web.ask(get()))[0] == 200
    assert web.end()[:2] == (0, "")


def test_unix_socket_is_served_and_removed(tmp_path, family):
    path = tmp_path / "memc.sock"
    web = serving("--socket", path, "--proc", family)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(get("/-/healthy"))
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    assert web.end()[:2] == (0, "")
    assert not path.exists()


def test_once_prints_what_a_scrape_gets(family):
    done = memc("serve", "--once", "--proc", family, "--owners", "--detail", "smaps")
    assert (done.status, done.err) == (0, b"")
    text = done.out.decode()
    found = {one.name: one for one in text_string_to_metric_families(text)}
    assert found["memc_up"].samples[0].value == 1
    assert "memc_owner_resident_bytes" in found
    other = memc("serve", "--once", "--proc", family, "--names", "process-exporter")
    assert b"namedprocess_namegroup_memory_bytes" in other.out


@pytest.mark.parametrize("others", [(), ("7",)], ids=["alone", "beside another"])
def test_once_fails_if_a_process_that_is_named_is_gone(tmp_path, family, others):
    path = tmp_path / "memc.prom"
    done = memc("serve", "999999", *others, "--once", "-o", path, "--proc", family)
    assert (done.status, done.out) == (1, b"")
    assert b"process 999999: no such process" in done.err
    assert not path.exists()


def test_once_writes_a_file_that_all_may_read_whole_or_not_at_all(tmp_path, family):
    path = tmp_path / "memc.prom"
    os.umask(os.umask(0o77))
    for _ in range(2):
        done = memc("serve", "--once", "-o", path, "--proc", family)
        assert (done.status, done.out, done.err) == (0, b"", b"")
        assert path.stat().st_mode & 0o777 == 0o644
        assert path.read_text().startswith("# HELP")
        path.write_text("# HELP old\n")
    done = memc("serve", "--once", "-o", path, "--proc", tmp_path / "none")
    assert (done.status, path.read_text()) == (1, "# HELP old\n")
    assert [each.name for each in tmp_path.glob("*.prom*")] == ["memc.prom"]
    done = memc("serve", "--once", "-o", tmp_path / "no" / "x", "--proc", family)
    assert done.status == 1
    assert b"cannot write to" in done.err
    assert memc("serve", "--once", "-o", "/dev/full", "--proc", family).status == 1
    assert memc("serve", "--once", "-o", "/dev/null", "--proc", family).status == 0


def test_readers_of_the_file_never_see_a_part(tmp_path, family):
    path = tmp_path / "memc.prom"
    memc("serve", "--once", "-o", path, "--proc", family)
    ends = {path.read_text().splitlines()[-1].split()[0]}
    done = threading.Event()

    def read():
        while not done.is_set():
            ends.add(path.read_text().splitlines()[-1].split()[0])

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(3):
        memc("serve", "--once", "-o", path, "--proc", family)
    done.set()
    reader.join()
    assert len(ends) == 1


def test_hash_is_of_a_line_of_stdin_and_lets_in(tmp_path, family):
    asked = [*memc.argv, "serve", "--hash"]
    made = subprocess.run(asked, input=b"s3cret\n", capture_output=True, check=True)
    auth = tmp_path / "auth"
    auth.write_bytes(b"prom:" + made.stdout)
    auth.chmod(0o600)
    web = serving("--auth-file", auth, "--proc", family)
    assert (
        parts(web.ask(get("/metrics", "Authorization: Basic cHJvbTpzM2NyZXQ=")))[0]
        == 200
    )
    assert (
        parts(web.ask(get("/metrics", "Authorization: Basic cHJvbTpzM2NyZXU=")))[0]
        == 401
    )
    command = Path(f"/proc/{web.process.pid}/cmdline").read_bytes()
    assert b"s3cret" not in command + b"".join(map(str.encode, web.said))
    assert web.end()[:2] == (0, "")
    empty = memc("serve", "--hash")
    assert (empty.status, empty.err) == (1, b"memc: no password was given\n")


def test_files_that_go_with_it_are_printed():
    tls = ("--tls-cert", "/etc/memc/c r t", "--tls-key=/etc/memc/key")
    unit = memc("serve", "--unit", *tls, "--owners", "--name", "a b").out.decode()
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert line.endswith(
        'serve --tls-cert %d/tls-cert --tls-key %d/tls-key --owners --name "a b"'
    )
    assert "LoadCredential=tls-key:/etc/memc/key\n" in unit
    for words in (["--unit", "unit"], ["--unit=unit"], ["--unit"]):
        assert b"/memc serve --owners\n" in memc("serve", *words, "--owners").out
    assert b"CAP_SYS_PTRACE" in memc("serve", "--unit", "exact").out
    assert b"groups:" in memc("serve", "--rules").out
    assert json.loads(memc("serve", "--dashboard").out)["panels"]
    config = memc(
        "serve", "--scrape-config", "--listen", "[::1]:99", "--interval", "5s"
    )
    assert b'"[::1]:99"' in config.out
    assert b"5s" in config.out
    none = memc("serve", "--scrape-config", "--socket", "/run/x")
    assert none.status == 2
