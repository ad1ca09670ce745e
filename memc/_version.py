"""The version, which only pyproject.toml holds."""

from __future__ import annotations

import os


def version() -> str:
    """Return the version of the source tree, or else of the installed package.

    Returns "unknown" if there is neither.
    """
    return _of_source_tree() or _of_installed_package()


def _of_source_tree() -> str | None:
    import tomllib

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        with open(os.path.join(root, "pyproject.toml"), "rb") as file:
            project = tomllib.load(file).get("project", {})
    except (OSError, ValueError):
        return None
    # Another package may have left its own pyproject.toml in site-packages.
    return str(project["version"]) if project.get("name") == "memc" else None


def _of_installed_package() -> str:
    from importlib import metadata

    try:
        return metadata.version("memc")
    except metadata.PackageNotFoundError:
        return "unknown"
