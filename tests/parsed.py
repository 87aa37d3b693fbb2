"""Our Python files as syntax trees, each parsed and walked once a process for all tests that read code."""

from __future__ import annotations

import ast
import gc
from functools import cache

from tests.test_architecture import ROOT


@cache
def tree_of(path: str) -> ast.Module:
    """One file, by its path from the checkout's root."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@cache
def trees_in(*folders: str) -> tuple[tuple[str, ast.Module], ...]:
    """All files of folders, with their paths.

    Without the garbage collector, which would go through all trees again and again: that is most of parsing's time.
    """
    paths = [path.relative_to(ROOT).as_posix() for name in folders for path in sorted((ROOT / name).rglob("*.py"))]
    on = gc.isenabled()
    gc.disable()
    try:
        found = tuple((path, tree_of(path)) for path in paths)
        gc.freeze()  # they stay to the end
    finally:
        if on:
            gc.enable()
    return found


@cache
def nodes_of(tree: ast.Module) -> tuple[ast.AST, ...]:
    """All nodes of a file, in the order of `ast.walk`, which takes ten times as long each time."""
    return tuple(ast.walk(tree))
