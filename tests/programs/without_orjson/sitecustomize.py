"""Hide orjson from every Python that has this folder in PYTHONPATH."""

import sys


class Hidden:
    @staticmethod
    def find_spec(name, *_):
        if name.partition(".")[0] == "orjson":
            raise ModuleNotFoundError(f"{name} is hidden", name=name)


sys.meta_path.insert(0, Hidden)
