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
    """The digest of some files by name: of Python what is run, without comments, layout and docstrings.

    >>> digest_of({"a.py": "x = 1"}) == digest_of({"a.py": "# One.\\nx = (1)"})
    True
    """
    told = {name: _run_alone(text) if name.endswith(".py") else text for name, text in texts.items()}
    return hashlib.sha256("\n".join(f"{name}: {told[name]}" for name in sorted(told)).encode()).hexdigest()[:16]


def _run_alone(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [s for s in node.body if not _is_text(s)]
    return spelled(tree)


def _is_text(statement: ast.stmt) -> bool:
    """Whether it is a docstring, of a field too."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
