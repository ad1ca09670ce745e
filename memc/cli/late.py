"""Let Python look for packages as it does at its start, but only when one is missing.

The native command starts Python without that search (-S): it takes 2 ms, and for each
package that brings a file ``*.pth`` more.  What a short command needs lies beside memc.
"""

from __future__ import annotations

import sys
from _frozen_importlib_external import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["Late", "install"]


class Late:
    """The last finder: it makes the search and looks once more."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return where a module is that nobody found; None if it is not there."""
        sys.meta_path.remove(cls)
        import site

        site.main()
        return PathFinder.find_spec(name, path, target)


def install() -> None:
    """Do so, if Python was started without the search."""
    if sys.flags.no_site:
        sys.meta_path.append(Late)
