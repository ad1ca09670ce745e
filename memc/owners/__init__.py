"""What each region is for: ``memc.owners.owners(table)`` returns their Owners."""

from memc.owners.rules import Owner, owners

__all__ = ["Owner", "owners"]
