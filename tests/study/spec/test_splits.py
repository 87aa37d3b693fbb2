"""Claims over several splits get no verdict."""

from __future__ import annotations

import re
from pathlib import Path

from tests.study.spec.test_checks import CLAIM, HEAD, lines


def test_a_claim_over_several_splits_is_refused_for_it_gets_no_verdict(tmp_path: Path) -> None:
    arms = "".join(f"  - {{name: s{i}, change: {{lr: 0.01, split_seed: {i}}}}}\n" for i in range(5))
    head = HEAD.replace("knobs: [lr]", "knobs: [lr, split_seed]").replace("adam}", "adam, held_out: 0.2}") + arms
    one = "{form: contrast, a: {arm: s3, metric: val_accuracy}, b: {arm: s1, metric: val_accuracy}, low: 0}"
    many = "{form: association, arms: [s0, s1, s2, s3, s4], x: {arm: '*', metric: lr}, y: {arm: '*', metric: val_loss}}"
    why = "its arms have several splits .split_seed {}.; splits share images, so there is a table over them and never"
    (found,) = lines(tmp_path, head + CLAIM.format(one))
    assert re.search("line 19: claim c, part 1, b.arm: got 's1'; " + why.format("1, 3"), found), found
    early = many.replace("}}", "}, seeds_at: 3}").replace("s0, s1, s2, s3, s4", "fast, s0")
    found = next(line for line in lines(tmp_path, head + CLAIM.format(early)) if "seeds_at" in line)
    assert "seeds_at: got 3; a verdict takes at least 5 seeds" in found
    (found,) = lines(tmp_path, head + CLAIM.format(many))
    assert re.search("part 1, arms: .*" + why.format("0, 1, 2, 3, 4"), found), found
