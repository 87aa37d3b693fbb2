"""The figures of verdicts on record are of the present rule."""

from __future__ import annotations

import json
from functools import cache

import pytest

from benchmarks.figures import HERE, Figure
from benchmarks.rule_digest import TABLE, digest, digest_of, sources

present = cache(digest)
MEASURE = "nice python -m benchmarks --only verdicts"


def test_the_figures_on_record_were_simulated_with_the_present_rule() -> None:
    """What fails here is mended by simulating anew, which takes about three minutes; see `docs/verdicts.md`."""
    found = [Figure(**f) for f in json.loads((HERE / "results.json").read_text(encoding="utf-8"))["figures"]]
    mine = {f.name: f.rule for f in found if f.name.startswith("verdicts/")}
    other = sorted(name for name, rule in mine.items() if rule != present())
    assert mine
    assert not other, f"the rule is {present()} now, and these are of another ({mine[other[0]]!r}): {MEASURE}\n{other}"


def test_it_is_of_all_that_decides() -> None:
    decides = ("verdict_rule", "sequential", "boundary", "looks", "one_sided", "shares", "students_t", "evidence")
    assert {f"analysis/statistics/{name}.py" for name in decides} | {TABLE} <= sources().keys()


@pytest.mark.parametrize("name", sorted(sources()))
def test_each_file_counts_and_its_comments_do_not(name: str) -> None:
    texts = sources()
    longer = {**texts, name: texts[name] + ("\nLEVEL = 0.06\n" if name.endswith(".py") else " ")}
    assert digest_of(longer) != present()
    if name.endswith(".py"):
        assert digest_of({**texts, name: f'"""Said otherwise."""\n# {texts[name][:40]!r}\n{texts[name]}'}) == present()


PLAIN = """
LEVEL = 0.05
def low(x): return np.minimum(x, LEVEL)
def high(x): return np.maximum(x, LEVEL)
def both(x, y): return low(x) - high(y)
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("def low(x):", 'def low(x):\n    """Say it."""\n   ', True),
        ("LEVEL = 0.05", 'LEVEL = 0.05\n"""Of all."""', True),
        ("LEVEL", "ERROR_LEVEL", True),
        ("low", "lower", True),
        ("both(x, y)", "both(y, x)", False),
        ("low(x) - high(y)", "high(x) - low(y)", False),
        ("low(x) - high(y)", "low(x) - low(y)", False),
        ("minimum", "maximum", False),
        ("0.05", "0.06", False),
        ("low(x) - high(y)", "low(x) + high(y)", False),
    ],
)
def test_words_and_own_names_are_no_part_of_it_and_what_is_run_is(old: str, new: str, *, same: bool) -> None:
    assert (digest_of({"a.py": PLAIN.replace(old, new)}) == digest_of({"a.py": PLAIN})) == same
