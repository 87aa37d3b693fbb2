"""The figures of verdicts on record are of the present rule."""

from __future__ import annotations

import json

import pytest

from benchmarks.figures import HERE, Figure
from benchmarks.rule_digest import TABLE, digest, digest_of, sources

MEASURE = "nice python -m benchmarks --only verdicts"


def test_the_figures_on_record_were_simulated_with_the_present_rule() -> None:
    """What fails here is mended by simulating anew, which takes about three minutes; see `docs/verdicts.md`."""
    found = [Figure(**f) for f in json.loads((HERE / "results.json").read_text(encoding="utf-8"))["figures"]]
    mine = {f.name: f.rule for f in found if f.name.startswith("verdicts/")}
    other = sorted(name for name, rule in mine.items() if rule != digest())
    assert mine
    assert not other, f"the rule is {digest()} now, and these are of another ({mine[other[0]]!r}): {MEASURE}\n{other}"


def test_it_is_of_all_that_decides() -> None:
    decides = ("verdict_rule", "sequential", "boundary", "looks", "one_sided", "shares", "students_t", "evidence")
    assert {f"analysis/statistics/{name}.py" for name in decides} | {TABLE} <= sources().keys()


@pytest.mark.parametrize("name", sorted(sources()))
def test_each_file_counts_and_its_comments_do_not(name: str) -> None:
    texts = sources()
    longer = {**texts, name: texts[name] + ("\nLEVEL = 0.06\n" if name.endswith(".py") else " ")}
    assert digest_of(longer) != digest_of(texts)
    if name.endswith(".py"):
        assert digest_of({**texts, name: f'"""Said otherwise."""\n# {texts[name][:40]!r}\n{texts[name]}'}) == digest()


def test_the_docstring_of_a_function_and_of_a_field_is_no_part_of_it() -> None:
    plain = {"a.py": "class A:\n    x: int\n\ndef f(x):\n    return x + 1"}
    told = {
        "a.py": 'class A:\n    """It."""\n    x: int\n    """One."""\n\ndef f(x):\n    """Add."""\n    return x + 1'
    }
    other = {"a.py": "class A:\n    x: int\n\ndef f(x):\n    return x + 2"}
    assert digest_of(plain) == digest_of(told) != digest_of(other)
