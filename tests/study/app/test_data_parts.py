"""A study that selects is run with a test part where that is new, and goes on as it was begun where it is not."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.claims import promise
from study.app.decide_request import DecideRequest
from study.app.decide_seeds import decide
from study.app.decide_view import DecideView
from study.app.plan_studies import PlanRequest, plan_request, plan_studies
from study.app.run_end import folder_verdicts
from study.app.run_studies import RunOptions, run
from study.app.run_view import RunView
from study.planning.protocol import Protocol
from study.spec import registry, study_file
from study.spec.selection import quantities_selected, with_test_part
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import BadInput


def level(arm: str, metric: str = "val_accuracy", **more: Any) -> dict[str, Any]:
    return {"form": "level", "quantity": {"arm": arm, "metric": metric, **more}, "low": 0.1}


def values(*parts: dict[str, Any], **base: Any) -> dict[str, Any]:
    return {
        "name": "mine", "title": "Mine", "question": "Q?", "knobs": ["schedule"], "epochs": 3,
        "base": {"data": "two", "hidden": [4], "batch_size": 8, **base},
        "arms": [{"name": "plain"}, {"name": "falling", "change": {"schedule": "plateau"}}],
        "claims": [{"id": f"c{n}", "statement": "It learns.", "parts": [p]} for n, p in enumerate(parts)],
    }  # fmt: skip


def ran(given: dict[str, Any] | Study, results: str = "r", seeds: int = 2) -> ResultsFolder:
    asked = given if isinstance(given, Study) else Study.from_dict(given)
    request = PlanRequest((asked.name,), seeds, results=results, data_dir=Path())
    run(request, RunOptions(executor="inline", cpus=1), RunView(), {asked.name: study_file.checked_source(asked)})
    return ResultsFolder(results)


def held_out(store: ResultsFolder) -> set[float]:
    return {r.config.held_out for r in store.trials.records()}


SELECTED = (level("plain", at="best"), level("falling"), level("falling", "accuracy_gap"), level("plain"))


def test_what_selects_gets_a_part_of_its_own_and_is_judged_on_the_test_part(desk: Path) -> None:
    store = ran(values(*SELECTED))
    assert held_out(store) == {0.1}
    frozen = store.studies.versions("mine")[-1]
    forms = [claim.parts[0].quantity for claim in frozen.claims]  # type: ignore[union-attr]
    assert [(q.metric, q.at) for q in forms] == [
        ("test_accuracy", "best"), ("test_accuracy", "last"), ("test_accuracy_gap", "last"), ("test_accuracy", "last"),
    ]  # fmt: skip
    assert frozen.claims[0].note == "What was selected on the validation part is judged on the test part."
    assert frozen.claims[3].note == "The study selects on the validation part, so this is judged on the test part."
    for r in store.trials.records():
        known = r.epochs["val_accuracy"]
        best = {n for n in range(3) if known[n] > max(known[:n], default=-1)}  # of each length
        measured = {n for n, v in enumerate(r.epochs["test_accuracy"]) if not math.isnan(v)}
        assert measured == ({2} if r.config.schedule == "plateau" else {2, *best})
    found = folder_verdicts(store, [frozen])
    assert [v.part.what.split(" of ")[0] for v in found][:2] == ["Test accuracy".lower()] * 2
    assert not any(v.part.selected for v in found)
    trained = [r.epochs["train_accuracy"][-1] - r.epochs["test_accuracy"][-1] for r in store.trials.records()
               if r.config.schedule == "plateau"]  # fmt: skip
    assert found[2].part.estimate is not None and found[2].part.estimate.value == pytest.approx(np.mean(trained))
    assert "Falling ends with a gap to the test part of" in found[2].part.finding
    assert promise.on_examples(found) == "A verdict is about the test examples that were used."
    other = ran(values(level("falling"), level("plain", "val_loss", at="min"), held_out=0), results="val")
    marked = folder_verdicts(other, other.studies.latest())
    assert all(v.part.selected for v in marked)
    assert promise.on_examples([*found, *marked]) == (
        "A verdict is about the validation and test examples that were used."
    )
    again = ran(values(*SELECTED), seeds=3)
    assert held_out(again) == {0.1} and len(again.studies.versions("mine")) == 1


def test_where_a_study_selects_all_claims_speak_of_test_that_have_a_number_there() -> None:
    def quantity(arm: str, metric: str = "val_accuracy", at: Any = "last") -> dict[str, Any]:
        return {"arm": arm, "metric": metric, "at": at}

    def pair(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
        return {"form": "contrast", "a": a, "b": b, "low": 0.0, "differ": ["schedule"]}

    of, arms = quantity, ["plain", "falling"]
    given = Study.from_dict(values(
        pair(of("falling"), of("falling", "train_accuracy")),
        pair(of("plain", at="best"), of("plain", "train_accuracy", "best")),
        pair(of("plain", at=3), of("falling", at=3)),
        pair(of("plain", at=2), of("falling", at=2)),
        {"form": "association", "arms": arms, "x": of("*", "val_loss"), "y": of("*", "train_loss_eval")},
        {**level("plain"), "share": 0.8},
        {"form": "trajectory", "arm": "falling", "metric": "val_loss"},
        level("plain", "val_loss", at="min"),
        level("falling", "loss_gap", at="best"),
        pair(of("plain", "accuracy_gap"), of("falling", "accuracy_gap", 3)),
        level("plain", "train_accuracy", at="best"),
        level("mine/plain"),  # its own arm, by a name that folders may hold
    ))  # fmt: skip
    there = with_test_part(given, 0.1)
    metrics = [sorted({q.metric for q in quantities_selected(claim.parts[0])}) for claim in there.claims]
    assert metrics == [
        ["test_accuracy", "train_accuracy"], ["test_accuracy", "train_accuracy"], ["test_accuracy"], ["test_accuracy"],
        ["test_loss", "train_loss_eval"], ["test_accuracy"], ["test_loss"], ["val_loss"], ["test_loss_gap"],
        ["test_accuracy_gap"], ["train_accuracy"], ["test_accuracy"],
    ]  # fmt: skip
    assert with_test_part(given, 0.1, ["c0", "c2"]).claims[:4:2] == given.claims[:4:2], "a folder has them on val"


def test_curves_and_epochs_in_the_middle_are_measured_on_the_test_part(desk: Path) -> None:
    falls = {"form": "trajectory", "arm": "plain", "metric": "val_loss"}
    given = values(level("falling", at=2), level("plain", at="fall"), falls, level("falling", at="mean"))
    store = ran(given, seeds=1)
    (frozen,) = store.studies.versions("mine")
    spoken = [quantities_selected(claim.parts[0])[0] for claim in frozen.claims]
    assert [q.metric for q in spoken] == ["test_accuracy", "test_accuracy", "test_loss", "test_accuracy"]
    one = {r.config.schedule: r.epochs for r in store.trials.records()}
    assert not any(map(math.isnan, [*one["plateau"]["test_accuracy"], *one["constant"]["test_loss"]]))
    accuracy, losses = one["plateau"]["test_accuracy"], one["constant"]["test_loss"]
    fall = one["constant"]["test_accuracy"][0] - one["constant"]["test_accuracy"][-1]
    found = folder_verdicts(store, [frozen])
    wanted = [accuracy[1], fall, float(losses[0] > losses[1] > losses[2]), np.mean(accuracy)]
    assert [v.estimate for v in found] == pytest.approx(wanted)
    assert found[0].part.new_examples is not None and found[3].part.new_examples is None
    request = PlanRequest(("mine",), 1, results="r", data_dir=Path())
    source = study_file.checked_source(Study.from_dict(given))
    plan = plan_studies([source], request, store.trials.on_record(), here=True, store=store)[0]
    assert not plan.missing, "it is not trained again"
    reached = ran(values(level("falling", reaches=0.5)), results="reached", seeds=1)
    (v,) = folder_verdicts(reached, reached.studies.latest())
    assert v.part.what.startswith("epochs of falling until test accuracy is at least 50 %") and v.n == 1


def test_what_was_measured_on_the_test_part_at_the_end_alone_is_trained_again_for_a_curve(desk: Path) -> None:
    ran(values(level("falling")), seeds=1)
    more = values(level("falling"), {**level("falling", at=1), "low": 0.2}, {**level("falling", at="mean"), "low": 0.2})
    for claim in more["claims"][1:]:
        claim["from_seed"] = 1
    store = ran(values(level("falling")), seeds=2)
    judged = dataclasses.replace(store.studies.latest()[0], claims=with_test_part(Study.from_dict(more), 0.1).claims)
    for v in folder_verdicts(store, [judged])[1:]:
        assert v.verdict == "not-enough-seeds" and "seed 1" in v.reason, "nothing is made up of what was not measured"
    store = ran(more, "new", seeds=2)
    assert [v.n for v in folder_verdicts(store, store.studies.latest())] == [2, 1, 1]


def test_decide_trains_again_what_was_not_measured_on_the_test_part(desk: Path) -> None:
    given = values(level("falling"), level("plain", at=2))
    ran(given, seeds=1)
    ran({**values(held_out=0.1), "name": "other"}, seeds=5)
    source = study_file.checked_source(Study.from_dict(given))
    where = RunOptions(executor="inline", cpus=1)
    asked = DecideRequest(("mine",), "r", most_seeds=5, data_dir=Path())
    now = decide(asked, where, DecideView(quiet=True), sources={"mine": source})
    assert [(v.verdict in ("supported", "open"), v.path) for v in now.verdicts] == [(True, (0, 1, 2, 3, 4))] * 2


def test_an_extreme_over_epochs_chooses_no_epoch_on_the_test_part(desk: Path) -> None:
    given = values(level("falling"), level("plain", "val_loss", at="min"))
    with pytest.raises(BadInput, match=r"study mine, claim c1: got 'val_loss'; the study selects .*Write at: best"):
        ran(given)
    assert not Path("r/trials").exists()
    for odd in ("max", "min"):
        with pytest.raises(BadInput, match="never on the test part: write best, or an epoch"):
            Study.from_dict(values(level("plain", "test_loss", at=odd)))
    kept = ran(values(level("plain", "val_loss", at="min"), held_out=0), results="kept")
    assert [bool(v.part.selected) for v in folder_verdicts(kept, kept.studies.latest())] == [True]


def test_a_trial_that_diverged_counts_as_worst_on_the_test_part(desk: Path) -> None:
    falls = {"form": "trajectory", "arm": "falling", "metric": "val_loss"}
    given = values(level("falling"), level("falling", at=2), level("falling", at="best"), falls)
    given["arms"][1]["change"]["lr"] = 1e30
    given["knobs"].append("lr")
    store = ran(given)
    assert {r.status for r in store.trials.records() if r.config.schedule == "plateau"} == {"diverged"}
    for v in folder_verdicts(store, store.studies.latest()):
        assert (v.verdict, v.path, v.part.holds_in) == ("not-enough-seeds", (0, 1), 0), v.reason


def test_a_claim_that_a_folder_has_on_validation_stays_and_a_new_one_speaks_of_test(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As folders were begun when claims of what was not selected stayed on val, in studies that select too."""
    for data in ("two", "three"):
        given = values(level("falling"), level("plain"), data=data)
        with monkeypatch.context() as before:
            before.setattr(
                "study.planning.protocol.with_test_part", lambda s, held, keep: with_test_part(s, held, ["c1"])
            )
            ran(given, data, seeds=1)
        more = values(level("falling"), level("plain"), {**level("plain"), "low": 0.2}, data=data)
        more["claims"][2]["from_seed"] = 1
        frozen = ran(more, data, seeds=2).studies.versions("mine")[-1]
        assert [c.parts[0].quantity.metric for c in frozen.claims] == [  # type: ignore[union-attr]
            "test_accuracy", "val_accuracy", "test_accuracy",
        ]  # fmt: skip


def test_a_study_that_selects_nothing_speaks_of_val_in_data_of_three_parts_again_and_again(desk: Path) -> None:
    given = values(level("plain"), data="three")
    given["arms"] = [{"name": "plain"}, {"name": "other", "change": {"schedule": "cosine"}}]
    ran(given, seeds=1)
    given["claims"].append({**given["claims"][0], "id": "new", "from_seed": 1})
    frozen = ran(given, seeds=2).studies.versions("mine")[-1]
    assert [c.parts[0].quantity.metric for c in frozen.claims] == ["val_accuracy"] * 2  # type: ignore[union-attr]


def test_what_was_begun_without_a_test_part_goes_on_so(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as before:
        before.setattr("study.app.data_parts.selects_on_validation", lambda _: False)  # as it was
        ran(values(*SELECTED))
    capsys.readouterr()
    store = ran(values(*SELECTED), seeds=3)
    assert held_out(store) == {0.0} and "study mine: this folder has it without a test part" in capsys.readouterr().err
    assert all(v.part.selected for v in folder_verdicts(store, store.studies.latest())[:3])
    other = Study.from_dict({**values(), "name": "other"})
    assert held_out(ran(other)) == {0.0}, "the folder has these trials"
    assert held_out(ran(other, results="new")) == {0.1}


def test_a_claim_that_a_folder_judges_on_validation_stays_so_where_the_data_have_a_test_part(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("study.app.data_parts.selects_on_validation", lambda _: False)  # as it was
        trials = {r.id: r for r in ran(values(level("falling"), data="three")).trials.records()}
    store = ran(values(level("falling"), data="three"))
    assert {r.id: r for r in store.trials.records()} == trials
    assert store.studies.latest()[0].claims[0].parts[0].quantity.metric == "val_accuracy"  # type: ignore[union-attr]


def test_what_was_begun_with_a_test_part_keeps_it_when_nothing_selects_any_more(desk: Path) -> None:
    ran(values(*SELECTED))
    less = values()
    less["arms"][1] = {"name": "falling", "change": {"schedule": "cosine"}}
    assert held_out(ran(less)) == {0.1}


def test_a_file_may_say_otherwise_and_a_catalogue_does(desk: Path) -> None:
    assert held_out(ran(values(*SELECTED, held_out=0))) == {0.0}
    assert held_out(ran(values(level("plain", at="best"), held_out=0.2), results="more")) == {0.2}
    plain = values(level("plain"))
    plain["arms"] = [{"name": "plain"}, {"name": "other", "change": {"schedule": "cosine"}}]
    assert held_out(ran(plain, results="plain")) == {0.0}, "nothing selects"
    annealing = registry.read("annealing")
    assert annealing.keeps_parts and registry.checked_source(annealing.study).keeps_parts
    assert not registry.checked_source(dataclasses.replace(annealing.study, title="Mine")).keeps_parts


def test_data_of_three_parts_and_studies_that_name_others_keep_their_parts(desk: Path) -> None:
    store = ran(values(level("falling"), data="three"))
    quantity = store.studies.latest()[0].claims[0].parts[0].quantity  # type: ignore[union-attr]
    assert held_out(store) == {0.0} and quantity.metric == "test_accuracy"
    assert len(ran(values(level("falling"), data="three"), seeds=3).studies.versions("mine")) == 1
    first, second = values(level("falling")), {**values(level("mine/falling")), "name": "second"}
    sources = {s.name: study_file.checked_source(s) for s in map(Study.from_dict, (first, second))}
    request = PlanRequest(tuple(sources), 1, results="both", data_dir=Path())
    run(request, RunOptions(executor="inline", cpus=1), RunView(), sources)
    assert held_out(ResultsFolder("both")) == {0.0}


def test_a_shorter_arm_that_shares_a_trial_is_tested_after_its_own_epochs(desk: Path) -> None:
    given = values(level("short", at="best"), level("short"), level("long", at="best"))
    given["arms"] = [
        {"name": "short", "epochs": 2, "change": {"schedule": "plateau"}},
        {"name": "long", "epochs": 5, "change": {"schedule": "plateau"}},
    ]
    store = ran(given, seeds=1)
    (record,) = store.trials.records()
    found = folder_verdicts(store, store.studies.latest())
    known, there = record.epochs["val_accuracy"], record.epochs["test_accuracy"]
    wanted = [there[known.index(max(known[:2]))], there[1], there[known.index(max(known))]]
    assert [v.part.estimate.value for v in found if v.part.estimate] == pytest.approx(wanted)
    request = PlanRequest(("mine.json",), 1, results="r", data_dir=Path())
    source = study_file.checked_source(Study.from_dict(given))
    plan = plan_studies([source], request, store.trials.on_record(), here=True, store=store)[0]
    assert not plan.missing, "it is not trained again"


def test_a_plan_says_what_is_held_out_and_what_stays_selected(desk: Path) -> None:
    import json

    from study.app.plan_clock import PlanClock
    from study.cli import plan_text

    middle = level("falling", "accuracy_gap", at=2)
    Path("mine.yaml").write_text(json.dumps(values(*SELECTED[:2], middle, SELECTED[3])))
    made = plan_request(PlanRequest(("mine.yaml",), 1, results="r", data_dir=Path()), here=True)[0]
    said = plan_text.plan_text(made, PlanClock(2))
    assert "of 60 training examples 6 are held out for that" in said and "judged on test: c0, c1, c2 and 1 more" in said
    assert "selected on val" not in said
    told = json.loads(plan_text.plan_json(made, PlanClock(2), (), "r"))
    assert told["test_part"] == [{"study": "mine", "held_out": 0.1, "judged_on_test": ["c0", "c1", "c2", "c3"]}]
    Path("mine.yaml").write_text(json.dumps(values(level("plain"), middle, held_out=0)))
    made = plan_request(PlanRequest(("mine.yaml",), 1, results="r", data_dir=Path()), here=True)[0]
    assert "selected on val, so their numbers flatter: mine/c1\n" in plan_text.plan_text(made, PlanClock(2))
    told = json.loads(plan_text.plan_json(made, PlanClock(2), (), "r"))
    why = "the plateau schedule of falling follows the validation loss"
    assert told["selected"] == [{"study": "mine", "claim": "c1", "on": "val", "why": why}]


def test_the_chapter_is_planned_as_it_is() -> None:
    source = registry.read("annealing")
    protocol = Protocol((0,), hold_out=0.1)
    assert protocol.study(source.study) == source.study


def test_a_class_too_small_to_hold_out_is_named(desk: Path) -> None:
    labels = np.zeros(20, dtype=np.int64)
    labels[:1] = 1
    images = np.zeros((20, 2, 2), dtype=np.uint8)
    np.savez("odd.npz", allow_pickle=False, train_images=images, train_labels=labels, val_images=images,
             val_labels=labels)  # fmt: skip
    with pytest.raises(BadInput, match="write held_out: 0 in base"):
        ran(values(level("falling"), data="odd"))
