"""Groups of processes for monitoring: ``Scan`` has their amounts at one time."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.serve.scan import Scan

__all__ = ["Scan"]


def _find(name: str) -> object:
    if name == "Scan":
        from memc.serve.scan import Scan

        return Scan
    raise AttributeError(f"module 'memc.serve' has no attribute {name!r}")


if not TYPE_CHECKING:  # a type checker would accept every name, as an object
    __getattr__ = _find
