"""What a process runs, by its command line: its program, or the script of one.

Many programs are interpreters (python, java, sh): the script, module or class says what
runs.  Others (postgres, nginx, sshd) write a title over their arguments.
"""

from __future__ import annotations

__all__ = ["Command", "command_of", "split_arguments"]

MASK = "#"  # stands for what differs from process to process in a title
CHANGING = r"\b(?=[a-f]*[0-9])[0-9a-f]{6,}\b|[0-9]+"
TITLE = r"[\w.()@/+-]+:(?: |$)"  # such as "nginx: worker process"
COMM_MAX = 15  # TASK_COMM_LEN without the NUL


class Syntax:
    """The options of an interpreter, which stand before its script.

    - `code`: the program itself follows;
    - `names`: the name of what runs follows, as after -m and -jar;
    - `values`: another value follows;
    - `joined`: letters whose value stands in the same argument, as in -Mstrict.

    If `joined` is None, one "-" never stands before several letters.
    """

    __slots__ = ("code", "joined", "names", "values")

    def __init__(
        self,
        *,
        code: str = "",
        names: str = "",
        values: str = "",
        joined: str | None = None,
    ) -> None:
        self.code = frozenset(code.split())
        self.names = frozenset(names.split())
        self.values = frozenset(values.split())
        self.joined = joined


PYTHON = Syntax(
    code="-c", names="-m", values="-W -X --check-hash-based-pycs", joined=""
)
NODE = Syntax(
    code="-e --eval -p --print -pe",
    values="-r --require --import --loader --experimental-loader -C --conditions "
    "--env-file --title --input-type",
)
PHP = Syntax(code="-r -B -R -E", names="-f --file", values="-c -d -S -t -z")
JAVA = Syntax(
    names="-jar -m --module",
    values="-cp -classpath --class-path -p --module-path --upgrade-module-path "
    "--add-modules --add-opens --add-exports --add-reads --patch-module "
    "--limit-modules --enable-native-access --source",
)
SHELL = Syntax(code="-c", values="-o +o -O +O --rcfile --init-file", joined="")
LOADER = Syntax(values="--library-path --preload --audit --argv0 --inhibit-rpath")
VERSION = "0123456789."
# The names of programs, what may stand behind them, and their options.
INTERPRETERS = (
    ({"python", "pypy"}, VERSION, PYTHON),
    ({"node", "nodejs"}, "0123456789", NODE),
    (
        {"ruby", "jruby"},
        VERSION,
        Syntax(code="-e", values="-I -r -C -E", joined="KTWxiF0"),
    ),
    ({"perl"}, VERSION, Syntax(code="-e -E", values="-I", joined="MmixDl0CFV")),
    ({"php"}, VERSION, PHP),
    ({"java"}, "", JAVA),
    ({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"}, "", SHELL),
    (
        {"lua", "luajit", "Rscript", "tclsh", "mono", "dotnet", "guile"},
        "-" + VERSION,
        Syntax(code="-e"),
    ),
)


class Command:
    """A command line, as people are told of it.

    - `key`: what runs: the program without its folder, and the script of an
      interpreter.  Processes that run the same have the same key;
    - `rest`: the arguments that follow;
    - `line`: the whole command line, with a blank between arguments;
    - `short`: what runs and its arguments, without the folder of the program and the
      options of an interpreter; or the title that a program wrote.
    """

    __slots__ = ("key", "line", "rest", "short")

    def __init__(
        self, key: str, rest: str, line: str, short: str | None = None
    ) -> None:
        self.key = key
        self.rest = rest
        self.line = line
        self.short = f"{key} {rest}".rstrip() if short is None else short

    def __repr__(self) -> str:
        """Show what runs, and its arguments."""
        return f"<Command {self.key!r} {self.rest!r}>"


def split_arguments(data: bytes) -> list[str]:
    """Return the arguments in the text of /proc/PID/cmdline.

    A program that wrote a title there may have filled the rest with NULs.
    """
    text = data.decode("utf-8", "surrogateescape")
    first, _, rest = text.removesuffix("\0").partition("\0")
    if " " in first and rest.startswith("\0"):
        rest = ""
    return [first, *rest.split("\0")] if rest.strip("\0") else [first] if first else []


def command_of(arguments: list[str], name: str) -> Command:
    """Return what a process with these arguments runs; `name` is its comm.

    A process without arguments, such as a kernel thread, has its name in brackets.
    """
    line = " ".join(arguments).strip()
    if not line:
        return Command(f"[{name}]", "", "")
    first = arguments[0]
    if len(arguments) == 1 and " " in line:
        base = _base(line)
        if base == name or (len(name) >= COMM_MAX and base.startswith(name)):
            return Command(base, "", line)  # a path with a blank in it
        words = line.split()
        if not ("/" in words[0] or words[1][:1] == "-") or _is_title(line):
            return Command(_mask(line), "", line, line)
        arguments = words  # a title that is a command line
    elif _is_title(first):
        return Command(_mask(line), "", line, line)
    program = _base(arguments[0]) or name or "?"
    script, rest = _script(program, arguments[1:])
    return Command(" ".join([program, *script]), " ".join(rest), line)


def _is_title(text: str) -> bool:
    if ": " not in text and not text.endswith(":"):
        return False
    import re

    return re.match(TITLE, text) is not None


def _mask(line: str) -> str:
    import re

    return re.sub(CHANGING, MASK, line)


def _syntax(program: str) -> Syntax | None:
    """Return the options of an interpreter, None for another program."""
    if program.startswith(("ld-linux", "ld-musl")) and ".so" in program:
        return LOADER
    for names, behind, syntax in INTERPRETERS:
        stem = program.rstrip(behind)
        if stem in names or (syntax is SHELL and stem.removeprefix("-") in names):
            return syntax
    return None


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _script(program: str, arguments: list[str]) -> tuple[list[str], list[str]]:
    """Return the words that say what an interpreter runs, and the words after them."""
    syntax = _syntax(program)
    if syntax is None:
        return [], arguments
    left = [*reversed(arguments)]
    while left:
        word = left.pop()
        if word == "--":
            break
        if word == "-" or not word.startswith(("-", "+")):
            left.append(word)
            break
        found = _option(syntax, word, left)
        if found:
            return found, left[::-1]
    script = [left.pop()] if left else []
    return script, left[::-1]


def _option(syntax: Syntax, word: str, left: list[str]) -> list[str]:
    """Return the words of an option that says what runs; [] for another option.

    The value of an option is taken from the end of `left`.
    """
    name, is_joined, value = word.partition("=")
    if word in syntax.code:
        return [word]
    if word in syntax.names:
        return [word, left.pop()] if left else [word]
    if is_joined and name in syntax.names:
        return [name, value]
    if word in syntax.values:
        del left[-1:]
    elif syntax.joined is not None and not word.startswith("--"):
        return _cluster(syntax, word, left)
    return []


def _cluster(syntax: Syntax, word: str, left: list[str]) -> list[str]:
    """Do what `_option` does for several letters in one argument, such as -uc."""
    for i, letter in enumerate(word[1:], 2):
        option = f"-{letter}"
        if option in syntax.code:
            return [option]
        if letter in (syntax.joined or ""):
            break
        if option in syntax.values or option in syntax.names:
            value = word[i:] or (left.pop() if left else "")
            return [option, value] if option in syntax.names else []
    return []
