"""What stands under the attributes of a class: Python keeps no such text at run time."""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
from collections.abc import Iterator
from functools import cache


def documented(owner: type) -> dict[str, str]:
    """The text under each annotated attribute of a class and of those that it extends.

    Classes without a source, such as Python's own, say nothing.
    """
    found: dict[str, str] = {}
    for one in reversed(owner.__mro__):
        found |= _documented(one)
    return found


@cache
def _documented(owner: type) -> dict[str, str]:
    """The text under each annotated attribute that the class itself has."""
    found: dict[str, str] = {}
    tree = _classes(owner.__module__).get(owner.__qualname__)
    for statement, below in itertools.pairwise(tree.body if tree else ()):
        match statement, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found


@cache  # `inspect.getsource` of a class reads the whole module each time
def _classes(module: str) -> dict[str, ast.ClassDef]:
    """The classes of a module by their qualified names."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError):
        return {}
    return dict(_classes_in(ast.parse(source), ""))


def _classes_in(tree: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            yield prefix + statement.name, statement
            yield from _classes_in(statement, f"{prefix}{statement.name}.")
