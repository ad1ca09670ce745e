"""What a region is for: ``memc.owners.owners(table)`` returns an Owner for each."""

from memc.owners.rules import Owner, owners

__all__ = ["Owner", "owners"]
