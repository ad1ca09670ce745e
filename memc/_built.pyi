# Made by the build, in the installed package alone; see pyproject.toml.
VERSION: str
