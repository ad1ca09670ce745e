"""The two backends, with what they read told in words instead of an Options object.

Nothing of memc is imported before it is used: conftest.py first chooses which memc.
"""

import importlib
from functools import cached_property

MODULES = {"native": "memc.read.native", "pure": "memc.pure.collect"}


class Reader:
    """A backend; a missing one is an error, never a skip."""

    def __init__(self, name):
        self.name = name

    @cached_property
    def module(self):
        return importlib.import_module(MODULES[self.name])

    def __getattr__(self, name):
        return getattr(self.module, name)

    def __repr__(self):
        return f"<Reader {self.name}>"

    def collect(self, pid, detail, proc="/proc", **words):
        return self.module.collect(pid, options_of(detail, proc=proc, **words))

    def collect_all(self, detail, **words):
        return self.module.collect_all(options_of(detail, **words))


def options_of(detail, *, late=0, last=None, progress=None, **words):
    """Return an Options object as it is, or make one of words."""
    from memc.read.options import Options

    if isinstance(detail, Options):
        return detail
    options = Options(detail, **words)
    options.late, options.last, options.progress = late, last, progress
    return options


NATIVE, PURE = Reader("native"), Reader("pure")
READERS = {"native": NATIVE, "pure": PURE}
