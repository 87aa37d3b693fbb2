"""The digest of the code that measures a metric: a column carries it, and another digest counts as another metric.

The code is read as text and never imported, so that no torch is needed to ask.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from pathlib import Path

from trainables.records.metrics import METRICS, RECORDED, TEST_METRICS, Metric

_PACKAGE = Path(__file__).parents[1]


def sources() -> dict[str, str]:
    """The digest of every recorded metric, as this code measures it."""
    return {name: source_digest(METRICS[name].measured_in) for name in RECORDED}


def test_part(digest: str | None) -> str:
    """The checksum of the test part that a digest of `test_sources` names; empty where it names none."""
    return (digest or "").partition("@")[2]


def test_sources(test_checksum: str) -> dict[str, str]:
    """The digest of every metric of the test part, with that part's checksum: another test part is another metric."""
    return {name: f"{source_digest(METRICS[name].measured_in)}@{test_checksum}" for name in TEST_METRICS}


def is_held(metric: Metric, digest: str | None) -> bool:
    """Whether a column that so digested code measured gives the metric; None where there is no such column."""
    if digest is None:
        return False
    code = digest.partition("@")[0]
    return code in metric.same_as or code == source_digest(metric.measured_in)


@functools.cache
def source_digest(place: str) -> str:
    """The digest of a function's syntax tree, `FILE:NAME` or `FILE:CLASS.NAME`; the file within `trainables`.

    Its docstring, comments and layout are no part of it, and it is equal under every Python that we support.
    """
    file, _, name = place.partition(":")
    node: ast.AST = ast.parse((_PACKAGE / file).read_text(encoding="utf-8"))
    for part in name.split("."):
        node = next(n for n in getattr(node, "body", ()) if getattr(n, "name", "") == part)
    return hashlib.sha256(spelled(node).encode()).hexdigest()[:16]


def spelled(node: object) -> str:
    """A spelling of a syntax tree in which what is empty is left out: newer versions of Python add empty fields."""
    if isinstance(node, list):
        return "[" + ",".join(map(spelled, node)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(k, v) for k, v in ast.iter_fields(node) if v is not None and v != []]
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
        fields = [(k, v[1:] if k == "body" else v) for k, v in fields]
    return type(node).__name__ + "(" + ",".join(f"{k}={spelled(v)}" for k, v in sorted(fields)) + ")"
