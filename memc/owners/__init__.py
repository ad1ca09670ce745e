"""What each region is for: ``memc.owners.owners(table)`` returns their Owners."""

from memc.owners.mapped import mapped_runtimes
from memc.owners.rules import RULES, Owner, Rule, owners

__all__ = ["RULES", "Owner", "Rule", "mapped_runtimes", "owners"]
