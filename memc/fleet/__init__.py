"""The memory of many hosts: ``memc.fleet.lake`` keeps it."""
