"""A digest of the rule of verdicts as it is simulated, so that figures on record say which rule they are of."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from pathlib import Path

from trainables.records.metric_sources import spelled

ROOT = Path(__file__).parents[1]
SIMULATED = ("analysis/statistics/verdict_rule.py", "benchmarks/verdict_rules.py", "benchmarks/verdict_studies.py")
"""The rule, the same over many studies at once with what it stands beside, and the studies that are drawn."""
STATISTICS = "analysis.statistics"
TABLE = "analysis/statistics/t_boundary.json"


def digest() -> str:
    """The digest of the present rule."""
    return digest_of(sources())


def sources() -> dict[str, str]:
    """The text of each file that is simulated: those named, all of `analysis.statistics` that they use, the table."""
    found, left = {}, list(SIMULATED)
    while left:
        if (name := left.pop()) not in found:
            found[name] = (ROOT / name).read_text(encoding="utf-8")
            left += _used(ast.parse(found[name]))
    return {**found, TABLE: (ROOT / TABLE).read_text(encoding="utf-8")}


def _used(tree: ast.Module) -> list[str]:
    modules: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == STATISTICS:
            modules += [f"{STATISTICS}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"{STATISTICS}."):
            modules.append(str(node.module))
    return [f"{module.replace('.', '/')}.py" for module in modules]


def digest_of(texts: Mapping[str, str]) -> str:
    """The digest of some files by name: of Python what is run, whatever its comments, layout, docstrings and own names.

    >>> digest_of({"a.py": "def f(x):\\n    return x"}) == digest_of({"a.py": "def g(y):  # One.\\n    return (y)"})
    True
    """
    trees = {name: _run_alone(texts[name]) for name in sorted(texts) if name.endswith(".py")}
    own = {name for tree in trees.values() for name in _own_names(tree)}
    numbers: dict[str, str] = {}
    for tree in trees.values():
        _number_names(tree, own, numbers)
    told = {name: spelled(trees[name]) if name in trees else texts[name] for name in sorted(texts)}
    return hashlib.sha256("\n".join(f"{name}: {text}" for name, text in told.items()).encode()).hexdigest()[:16]


def _run_alone(text: str) -> ast.Module:
    """Its syntax tree without imports and docstrings, those of fields too."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [s for s in node.body if not (_is_text(s) or isinstance(s, ast.Import | ast.ImportFrom))]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


NAMED = ((ast.FunctionDef, "name"), (ast.ClassDef, "name"), (ast.arg, "arg"), (ast.Name, "id"))
"""What gives a name, or is one."""
USES = (*NAMED, (ast.Attribute, "attr"), (ast.keyword, "arg"))


def _own_names(tree: ast.Module) -> set[str]:
    """The names that a file gives: all others belong to Python and to packages."""
    found = ((node, getattr(node, field)) for node in ast.walk(tree) for kind, field in NAMED if isinstance(node, kind))
    return {name for node, name in found if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))}


def _number_names(tree: ast.Module, own: set[str], numbers: dict[str, str]) -> None:
    """Put for each own name its number, in the order in which they are met, in place."""
    for node in ast.walk(tree):
        for kind, field in USES:
            if isinstance(node, kind) and (name := getattr(node, field)) in own:
                setattr(node, field, numbers.setdefault(name, f"name {len(numbers)}"))
