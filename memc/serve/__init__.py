"""Groups of processes for monitoring: ``Scanner``, ``Scan``, and ``Collector``."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from memc.serve.prom import Collector
    from memc.serve.scan import Scan
    from memc.serve.scanner import Scanner

__all__ = ["Collector", "Scan", "Scanner"]


def _find(name: str) -> object:
    if name == "Collector":
        from memc.serve.prom import Collector

        return Collector
    if name == "Scan":
        from memc.serve.scan import Scan

        return Scan
    if name == "Scanner":
        from memc.serve.scanner import Scanner

        return Scanner
    raise AttributeError(f"module 'memc.serve' has no attribute {name!r}")


if not TYPE_CHECKING:  # a type checker would accept every name, as an object
    __getattr__ = _find
