"""What each region is for: ``memc.owners.owners(table)`` returns their Owners."""

from memc.owners.mapped import mapped_runtimes
from memc.owners.rules import Owner, owners

__all__ = ["Owner", "mapped_runtimes", "owners"]
