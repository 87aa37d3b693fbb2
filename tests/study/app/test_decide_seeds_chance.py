"""Below which chance a claim gets no seeds: `least_chance`, and what was begun before."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from analysis.report import verdicts as judged_in
from study.app.run_studies import Interrupted
from tests.study.app.test_decide_seeds import BOUND, EASY, Trainer, desk, study, up_to, words

__all__ = ["desk"]


def test_what_hardly_any_seed_decides_is_bought_where_that_is_asked_for_and_after_all_else(desk: Any) -> None:
    of = study(BOUND, EASY)
    first = desk(of, most_seeds=8)
    assert words(first) == {"bound": "open", "easy": "supported"}
    left = next(c.seeds for c in first.claims)
    assert left < 8, "its chance is too small"
    more = Trainer()
    now = desk(of, more, most_seeds=8, least_chance=0.0)
    assert [c.seeds for c in now.claims] == [8] and {arm for arm, _ in more.bought} == {"a", "d"}
    assert not (again := Trainer()).bought and desk(of, again, most_seeds=8, least_chance=0.0) and not again.bought


@pytest.mark.parametrize("done", [7, 8, 9])
def test_what_was_begun_is_trained_to_its_end_though_more_would_hardly_decide_it(
    desk: Any, tmp_path: Path, done: int
) -> None:
    of = study(BOUND)
    with pytest.raises(Interrupted):
        desk(of, Trainer(stop_after=done), most_seeds=6)
    assert [v.verdict for v in judged_in(str(tmp_path / "r"), [])] == ["missing"]
    preview = desk(of, most_seeds=6, dry_run=True)
    assert [o.seeds for o in preview.most(up_to(6))] == [5] == [o.seeds for o in preview.batch(up_to(6), math.inf)]
    again = Trainer()
    now = desk(of, again, most_seeds=6)
    assert words(now) == {"bound": "open"} and len(again.bought) == 10 - done
