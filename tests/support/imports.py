"""What a file imports, read from its code: also where a function does it, lazily."""

import ast
import sys


def is_typing(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def running(node):
    """Yield all nodes but those that only a type checker sees."""
    for child in node.orelse if is_typing(node) else ast.iter_child_nodes(node):
        yield child
        yield from running(child)


def imported(path):
    """Yield the modules that a file imports, each with the names it takes from it."""
    for node in running(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module, [alias.name for alias in node.names]


def packages(path):
    """Give the packages of others that a file imports."""
    tops = {module.split(".")[0] for module, _ in imported(path)}
    return tops - {*sys.stdlib_module_names, "memc"}
