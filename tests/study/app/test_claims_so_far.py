"""What claims come to while they train: in pairs by seed, at the epoch that is claimed, and never a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from study.app.board import Board
from study.app.claims_so_far import provisional_lines
from study.app.live_view import ASCII, UNICODE, render
from study.planning.plan import plan_trials
from study.planning.protocol import Protocol
from study.spec.study import Study
from tests.study.app.test_live_view import CHECKSUM, snapshot, trained
from tests.synthetic import FASHION


def board(*parts: dict[str, Any], seeds: int = 5) -> Board:
    study = Study.from_dict({
        "name": "s", "title": "t", "question": "Does it help?", "knobs": ["dropout_hidden"], "epochs": 3,
        "arms": [{"name": "none", "change": {}}, {"name": "dropout", "change": {"dropout_hidden": 0.1}}],
        "claims": [{"id": "s-1", "statement": "It does.", "parts": list(parts)}],
    })  # fmt: skip
    return Board(plan_trials([study], Protocol(tuple(range(seeds))), CHECKSUM, {}, FASHION), CHECKSUM, 2)


def contrast(metric: str = "val_accuracy", at: int | str = 3, **more: Any) -> dict[str, Any]:
    a, b = ({"arm": arm, "metric": metric, "at": at} for arm in ("none", "dropout"))
    return {"form": "contrast", "a": a, "b": b, "low": 0.005, **more}


def fill(made: Board, dropout: Sequence[float]) -> Board:
    for seed, last in enumerate(dropout):
        trained(made, "none", seed, [0.7, 0.8, 0.9])
        trained(made, "dropout", seed, [0.7, 0.8, last])
    return made


def test_a_comparison_is_in_pairs_by_seed_with_its_interval_from_three_on() -> None:
    assert provisional_lines(board(contrast())) == ()
    two = provisional_lines(fill(board(contrast()), [0.88, 0.87]))
    assert two == ("so far  s-1  accuracy 2.5 points lower with dropout, in 2 of 2 seeds; judged from 5 seeds on",)
    (three,) = provisional_lines(fill(board(contrast()), [0.88, 0.87, 0.91]))
    assert "accuracy 1.3 +- 5.2 points lower with dropout, in 2 of 3 seeds; judged from 5 seeds on" in three


def test_an_interval_of_a_change_stops_at_what_can_be() -> None:
    (line,) = provisional_lines(fill(board(contrast()), [0.0, 0.9, 0.1]))
    assert "accuracy 56.7 (-65.9 to 100.0) points lower with dropout, in 2 of 3 seeds" in line, "one is equal"


def test_at_the_epoch_that_is_claimed_a_trial_under_way_counts() -> None:
    made = board(contrast(at=2))
    trained(made, "none", 0, [0.7, 0.8], over=False)
    trained(made, "dropout", 0, [0.7, 0.75], over=False)
    assert "accuracy 5.0 points lower with dropout, in 1 of 1 seed" in provisional_lines(made)[0]
    assert provisional_lines(fill(board(contrast(at="last")), [0.8])) != ()


def test_of_several_parts_those_that_are_met_are_counted() -> None:
    level = {"form": "level", "quantity": {"arm": "none", "metric": "train_accuracy"}, "low": 0.99}
    (line,) = provisional_lines(fill(board(contrast(), level), [0.8] * 5))
    assert line == "so far  s-1  1 of 2 parts is met after 5 seeds; judged at the end"


def test_what_cannot_be_told_from_accuracies_is_not_told() -> None:
    loss = {"form": "level", "quantity": {"arm": "none", "metric": "val_loss"}, "low": 0.1}
    first = {"form": "level", "quantity": {"arm": "none", "metric": "val_accuracy", "reaches": 0.5}, "low": 1}
    for part in (loss, first, contrast(ratio=True), contrast(share=0.5), contrast(at="best")):
        assert provisional_lines(fill(board(part), [0.8, 0.8])) == ()


def test_the_view_shows_it_and_stays_within_the_window() -> None:
    made = fill(board(contrast()), [0.88, 0.87, 0.91])
    for letters, sign in ((UNICODE, "1.3 ± 5.2"), (ASCII, "1.3 +- 5.2")):
        lines = render(snapshot(made, found=provisional_lines(made)), 100, 20, letters)
        assert any(sign in line for line in lines) and len(lines) <= 20
        narrow = " ".join(" ".join(render(snapshot(made, found=provisional_lines(made)), 60, 20, letters)).split())
        assert sign in narrow and "judged from 5 seeds on" in narrow, "wrapped, not cut"


def test_of_seeds_beyond_the_first_it_is_not_said_from_how_many_a_verdict_comes() -> None:
    """`study decide` bought seeds 8 to 13 and said "judged from 5 seeds on"."""
    made = fill(board(contrast()), [0.88, 0.87])
    made.plan = replace(made.plan, protocol=replace(made.plan.protocol, seeds=(8, 9)))
    assert provisional_lines(made)[0].endswith("; judged at the end")


def test_claims_of_two_studies_that_are_called_alike_have_the_name_of_their_study() -> None:
    (one,) = board(contrast()).plan.studies
    two = replace(one, name="t")
    made = Board(plan_trials([one, two], Protocol((0, 1)), CHECKSUM, {}, FASHION), CHECKSUM, 2)
    fill(made, [0.87, 0.88])
    assert [line[8:].split()[0] for line in provisional_lines(made)] == ["s/s-1", "t/s-1"]


def test_a_part_that_cannot_be_told_yet_counts_as_neither_met_nor_not() -> None:
    loss = {"form": "level", "quantity": {"arm": "none", "metric": "val_loss"}, "high": 100.0}
    (one,) = provisional_lines(fill(board(contrast(), loss), [0.8] * 5))
    assert "accuracy 10.0 points lower with dropout" in one.replace(" +- 0.0", "")
    assert one.endswith("; 1 part told only at the end; judged at the end")
    (two,) = provisional_lines(fill(board(contrast(), contrast(low=0.5), loss), [0.8] * 5))
    assert two == "so far  s-1  1 of 2 parts is met after 5 seeds; 1 part told only at the end; judged at the end"
