"""What the rule before this one would say, where a folder was judged by it."""

from __future__ import annotations

from dataclasses import replace

from analysis.claims import old_rule
from study.spec.claims import Level, Quantity
from study.storage.run_records import RunRecord
from tests.analysis.claims.small_study import q, verdict


def test_a_folder_that_was_judged_by_the_old_rule_says_so_and_what_differs():
    near = Level(quantity=q(), low=verdict(Level(quantity=q(), low=0.0)).low - 1e-4)
    v = verdict(near)
    assert v.verdict == "open" and old_rule.old_word(v) == "supported"
    old = [RunRecord(studies=("small",), seeds=(0, 1, 2, 3, 4))]
    head, line = old_rule.notice([v], old)
    assert "the rule with a guarantee" in head and line == "x: was supported, is open"
    assert old_rule.notice([v], [replace(old[0], reduced_studies=())]) == ()
    first = Level(quantity=Quantity(arm="a", metric="val_accuracy", reaches=0.7), low=1, high=3)
    assert old_rule.notice([verdict(first)], old)[1] == "measured otherwise now: x"
    assert old_rule.old_word(verdict(Level(quantity=q(), low=0.99))) == "refuted"
