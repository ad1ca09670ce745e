"""The version, which only pyproject.toml holds."""

from __future__ import annotations


def version() -> str:
    """Return the version that the build wrote down, or else that of the source tree.

    Returns "unknown" if there is neither.
    """
    try:
        from memc._built import VERSION
    except ImportError:
        return _of_source_tree() or "unknown"
    return VERSION


def _of_source_tree() -> str | None:
    import os
    import tomllib

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        with open(os.path.join(root, "pyproject.toml"), "rb") as file:
            project = tomllib.load(file).get("project", {})
    except (OSError, ValueError):
        return None
    # Another package may have left its own pyproject.toml in site-packages.
    return str(project["version"]) if project.get("name") == "memc" else None
