"""What a process runs, by its command line."""

from hypothesis import given, strategies as st
from support.cases import cases

from memc.targets import facts
from memc.targets.command import command_of, split_arguments

# expected key, expected rest, text of cmdline, comm, why
LINES = [
    ("nginx", "-g off", b"/usr/sbin/nginx\0-g\0off\0", "nginx", "a program's options"),
    ("a b", "x", b"/opt/a b\0x\0", "a b", "a blank in the path"),
    ("chrome", "", b"/opt/Google Chrome/chrome\0", "chrome", "and no arguments"),
    ("[kthreadd]", "", b"", "kthreadd", "a kernel thread"),
    ("[x]", "", b"\0\0\0", "x", "NULs alone"),
    ("made", "-v", b"\0-v\0", "made", "no name of a program"),
    ("-bash", "", b"-bash\0", "bash", "a login shell"),
    # Interpreters.
    ("python3 /a/b.py", "-v 1", b"/bin/python3\0/a/b.py\0-v\x001\0", "b.py", "script"),
    ("python3 w.py", "a  b", b"python3\0w.py\0a\0\0b\0", "python3", "empty argument"),
    (
        "python3.11 -m http.server",
        "80",
        b"python3.11\0-m\0http.server\x0080\0",
        "p",
        "-m",
    ),
    ("python3 -m x", "y", b"python3\0-um\0x\0y\0", "python3", "letters together"),
    ("python3 -m x", "", b"python3\0-mx\0", "python3", "a value without a blank"),
    ("python3 w.py", "", b"python3\0-Xdev\0-W\0error\0-u\0w.py\0", "p", "values"),
    ("python3 -c", "secret", b"python3\0-Ec\0secret\0", "python3", "code"),
    ("python3", "", b"python3\0", "python3", "nothing to run"),
    ("python3 -m", "", b"python3\0-m\0", "python3", "no module"),
    ("python3 -", "", b"python3\0-\0", "python3", "a program from a pipe"),
    ("pypy3 -x", "", b"pypy3\0--\0-x\0", "pypy3", "-- before the script"),
    ("node s.js", "--a", b"node\0--max-old-space-size=9\0s.js\0--a\0", "node", "node"),
    ("node s.js", "", b"node\0-r\0dotenv/config\0s.js\0", "node", "its values"),
    ("node -e", "1+1", b"node\0-e\x001+1\0", "node", "code of node"),
    ("ruby bin/rails", "s", b"ruby\0-Ilib\0-r\0x\0bin/rails\0s\0", "ruby", "ruby"),
    ("perl s.pl", "", b"/usr/bin/perl\0-wMData::Dumper\0s.pl\0", "s.pl", "perl"),
    ("perl -e", "1", b"perl\0-pi.bak\0-e\x001\0", "perl", "code of perl"),
    ("php a.php", "", b"php\0-d\0x=1\0a.php\0", "php", "php"),
    ("php8.2 artisan", "q", b"php8.2\0artisan\0q\0", "php8.2", "another name of php"),
    (
        "java org.a.Main",
        "x",
        b"java\0-Xmx1g\0-cp\0a:b\0-Dx=y\0org.a.Main\0x\0",
        "j",
        "J",
    ),
    ("java -jar /a.jar", "x", b"/j/bin/java\0-ea\0-jar\0/a.jar\0x\0", "java", "a jar"),
    ("java -m m/a.Main", "", b"java\0-p\0mods\0-m\0m/a.Main\0", "java", "a module"),
    ("java --module m/a", "", b"java\0--module=m/a\0", "java", "a module after ="),
    ("java a.B", "", b"java\0--add-opens\0java.base/x=y\0a.B\0", "java", "two words"),
    ("sh /a.sh", "-x", b"/bin/sh\0-e\0/a.sh\0-x\0", "a.sh", "a shell"),
    ("bash -c", "echo 1", b"bash\0-lc\0echo 1\0", "bash", "code of a shell"),
    ("bash r", "", b"bash\0-o\0pipefail\0r\0", "bash", "an option of a shell"),
    (
        "ld-linux-x86-64.so.2 ./p",
        "1",
        b"/lib/ld-linux-x86-64.so.2\0./p\x001\0",
        "p",
        "ld",
    ),
    # Titles.
    ("nginx: worker process", "", b"nginx: worker process\0\0\0\0", "nginx", "nginx"),
    (
        *("postgres: app db #.#.#.#(#) idle", ""),
        *(b"postgres: app db 10.0.0.7(51234) idle\0\0\0", "postgres", "postgres"),
    ),
    ("postgres: #/main: walwriter", "", b"postgres: 15/main: walwriter ", "p", "one"),
    ("sshd: root@pts/#", "", b"sshd: root@pts/0\0", "sshd", "sshd"),
    ("php-fpm: pool www", "", b"php-fpm: pool www\0\0\0", "php-fpm8.2", "php-fpm"),
    ("job # of facade", "", b"job 0a1b2c3d of facade\0", "x", "hexadecimal digits"),
    (
        "redis-server",
        "*:6379",
        b"/usr/bin/redis-server *:6379\0\0\0",
        "redis-server",
        "R",
    ),
    ("npm run start", "", b"npm run start\0\0\0\0", "node", "npm"),
    ("nginx: worker process", "", b"nginx: worker process\0\0\0x\0", "nginx", "a rest"),
    (
        *("chrome", "--type=renderer --x"),
        *(b"/opt/chrome/chrome --type=renderer --x\0\0", "chrome", "a flat title"),
    ),
]


@cases(LINES, why=4)
def test_command_line_tells_what_runs(case):
    key, rest, data, name, _ = case
    command = command_of(split_arguments(data), name)
    assert (command.key, command.rest) == (key, rest)


def test_command_line_as_documents_have_it_tells_the_same():
    for line, key in (
        ("/usr/bin/python3 -u w.py --port 1", "python3 w.py"),
        ("nginx: worker process", "nginx: worker process"),
    ):
        assert command_of(line.split(" "), "x").key == key


def test_namesakes_are_told_apart_by_the_short_form():
    for data, short in (
        (b"redis-server *:6379\0\0", "redis-server *:6379"),
        (b"/usr/bin/python3\0-u\0w.py\0--port\x001\0", "python3 w.py --port 1"),
        (b"", "[x]"),
    ):
        assert command_of(split_arguments(data), "x").short == short


def test_secret_in_code_is_not_in_the_key():
    command = command_of(["sh", "-c", "curl -u me:secret"], "sh")
    assert "secret" not in command.key
    assert "secret" in command.line


WORDS = st.sampled_from(["python3", "java", "perl", "sh", "-", "--", "-m", "-c", "-cp"])


@given(st.lists(WORDS | st.text(max_size=5), max_size=6), st.text(max_size=16))
def test_no_command_line_fails(arguments, name):
    data = "\0".join(arguments).encode("utf-8", "surrogateescape")
    for words in (arguments, split_arguments(data)):
        command = command_of(words, name)
        assert command.key
        assert command.key.startswith("[") or command.line


@given(st.binary(max_size=40))
def test_no_bytes_fail(data):
    command_of(split_arguments(data), "x")


@given(st.lists(WORDS, max_size=3), st.sampled_from(["python3", "sh", "x"]))
def test_remembered_commands_are_those_of_the_arguments(arguments, name):
    for _ in range(2):
        known = facts.Facts()
        known.arguments = arguments
        assert repr(known.command(name)) == repr(command_of(arguments, name))


def test_few_commands_are_remembered():
    for number in range(3 * facts.COUNT_MAX):
        known = facts.Facts()
        known.arguments = ["program", str(number)]
        assert known.command("program").rest == str(number)
        known.hide_arguments("program")
        assert known.command("program").rest == "…"
    again = facts.Facts()
    again.arguments = known.arguments
    assert again.command("program").rest == str(number)
    assert len(facts._commands) <= facts.COUNT_MAX
