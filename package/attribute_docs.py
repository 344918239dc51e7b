"""What stands under the attributes of a class: Python keeps no such text at run time."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from typing import cast


def documented(owner: type) -> dict[str, str]:
    """The text under each annotated attribute of a class and of those that it extends.

    Classes without a source, such as Python's own, say nothing.
    """
    found: dict[str, str] = {}
    for one in reversed(owner.__mro__):
        try:
            source = inspect.getsource(one)
        except (OSError, TypeError):
            continue
        (tree,) = ast.parse(textwrap.dedent(source)).body
        for statement, below in itertools.pairwise(cast("ast.ClassDef", tree).body):
            match statement, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[name] = inspect.cleandoc(text)
                case _:
                    pass
    return found
