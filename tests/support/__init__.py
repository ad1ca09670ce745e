"""What several test files share; found through ``pythonpath = ["tests"]``."""
