"""Seeds are bought where they decide; what was decided stays. Training is stood in for by synthetic records."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analysis.report import verdicts as judged_in
from study.app import decide_seeds, decide_view, run_studies
from study.app.decide_seeds import DecideRequest, Prospects, decide
from study.app.decide_view import DecideView
from study.app.pace import Pace
from study.app.plan_studies import PlanRequest
from study.app.run_studies import Interrupted, OutOfTime, RunOptions, SomeFailed
from study.app.run_view import RunView
from study.planning import plan as plans
from study.planning.cost import INLINE_START_SECONDS, START_SECONDS, TRIAL_SECONDS, expected_seconds
from study.planning.protocol import Protocol
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.study import Arm, Family, Study
from study.spec.study_file import StudySource
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, read_runs, write_run
from tests import synthetic
from trainables.config.errors import BadInput
from trainables.records.trial_record import Status

SHIFT = {"a": 0.0, "b": -0.02, "c": -0.0035, "d": -0.001}
HERE = RunOptions(cpus=1)


def at(arm: str) -> Quantity:
    return Quantity(arm=arm, metric="val_accuracy")


def claim(name: str, a: str, b: str, low: float = 0.0, **more: Any) -> Claim:
    return Claim(id=name, statement="s.", parts=(Contrast(a=at(a), b=at(b), low=low),), **more)


def study(*claims: Claim) -> Study:
    arms = tuple(Arm(name=a, change={"lr": 0.001 * (i + 1)}) for i, a in enumerate(SHIFT))
    family = Family(name="f", places=6)
    return Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=arms, claims=claims, family=family)


EASY, NEAR, BOUND = claim("easy", "a", "b"), claim("near", "a", "c"), claim("bound", "a", "d", low=0.001)


class Trainer:
    """Stands for `run_studies.run`: writes a record for each pair of arm and seed, and what was asked."""

    def __init__(self, of: Study) -> None:
        self.of, self.asked, self.stop_after, self.failing = of, list[dict[str, list[int]]](), 10**6, set[str]()

    def __call__(self, asked: PlanRequest, where: RunOptions, view: Any, sources: Mapping[str, StudySource]) -> None:
        store, failed = ResultsFolder(asked.results), 0
        self.asked.append({arm: list(seeds) for arm, seeds in asked.arm_seeds.items()})
        pairs = [(arm, s) for arm, seeds in asked.arm_seeds.items() for s in seeds]
        arms = {arm: tuple(seeds) for arm, seeds in asked.arm_seeds.items()}
        seeds = tuple(sorted({s for _, s in pairs}))
        write_run(
            store.folder, f"2026-{len(self.asked):04d}-{id(self)}", RunRecord(studies=("s",), seeds=seeds, asked=arms)
        )
        for arm, seed in pairs:
            if not self.stop_after:
                raise Interrupted("interrupted")
            self.stop_after -= 1
            name = arm.partition("/")[2]
            status: Status = "failed" if name in self.failing else "finished"
            failed += status == "failed"
            config = self.of.config(name, seed=seed)
            record = synthetic.record(config, status, 0 if status == "failed" else None)
            noise = 0.002 * np.random.default_rng(["abcd".index(name), seed]).standard_normal()
            value = 0.8 + SHIFT[name] + noise
            store.write(record if status == "failed" else synthetic.changed(record, -1, val_accuracy=value))
        if failed:
            raise SomeFailed(f"{failed} failed")

    @property
    def bought(self) -> list[tuple[str, int]]:
        return sorted((arm[2:], s) for of in self.asked for arm, seeds in of.items() for s in seeds)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def planned(given: list[StudySource], asked: PlanRequest, on_record: Any, *, here: bool, store: Any) -> Any:
        made = plans.plan_trials(
            [source.study for source in given], Protocol((0,)), synthetic.CHECKSUM, {}, synthetic.FASHION
        )
        return made, SimpleNamespace(checksum=synthetic.CHECKSUM)

    monkeypatch.setattr(decide_seeds, "plan_studies", planned)

    def buy(
        of: Study, trainer: Trainer | None = None, *, dry_run: bool = False, view: Any = None, **how: Any
    ) -> Prospects:
        monkeypatch.setattr(run_studies, "run", trainer or Trainer(of))
        asked = DecideRequest(("s",), str(tmp_path / "r"), **how)
        return decide(asked, HERE, view or DecideView(quiet=True), dry_run=dry_run, sources={"s": StudySource(of)})

    return buy


def words(now: Prospects) -> dict[str, str]:
    return {v.id: v.verdict for v in now.verdicts}


def test_only_arms_of_open_claims_get_more_seeds_and_what_is_decided_stays(desk: Any, tmp_path: Path) -> None:
    of = study(EASY, NEAR)
    first = Trainer(of)
    desk(of, first, most_seeds=5)
    assert words(desk(of, most_seeds=5)) == {"easy": "supported", "near": "open"}
    before = {v.id: v for v in judged_in(str(tmp_path / "r"), [])}
    more = Trainer(of)
    now = desk(of, more)
    assert words(now) == {"easy": "supported", "near": "supported"}
    assert {arm for arm, _ in more.bought} == {"a", "c"}, "b is asked for by nobody who is open"
    seeds = {arm: [s for a, s in first.bought + more.bought if a == arm] for arm in "abcd"}
    assert seeds["b"] == list(range(5)) and not seeds["d"]
    assert seeds["a"] == seeds["c"] == list(range(len(seeds["a"]))) and len(seeds["a"]) > 5
    after = {v.id: v for v in judged_in(str(tmp_path / "r"), [])}
    assert (after["easy"].verdict, after["easy"].decided_at, after["easy"].p) == (
        before["easy"].verdict,
        before["easy"].decided_at,
        before["easy"].p,
    )


def test_a_claim_is_not_missing_because_other_arms_have_more_seeds(desk: Any, tmp_path: Path) -> None:
    of = study(NEAR, claim("other", "d", "c", low=0.0022))
    assert words(desk(of, hours=1e-9)) == {"near": "missing", "other": "missing"}, "there is nothing yet"
    desk(of, most_seeds=5)
    more = {"s/a": range(5, 9), "s/c": range(5, 9)}
    Trainer(of)(PlanRequest(("s",), results=str(tmp_path / "r"), arm_seeds=more), HERE, None, {})
    now = desk(of, dry_run=True)
    assert words(now)["other"] == "open"
    assert {c.id: c.seeds for c in now.claims}["other"] == 5
    assert [v.verdict for v in judged_in(str(tmp_path / "r"), []) if v.id == "other"] == ["open"]


def test_it_goes_on_after_an_interrupt_and_fills_the_gap(desk: Any, tmp_path: Path) -> None:
    of = study(EASY)
    stopped = Trainer(of)
    stopped.stop_after = 7
    with pytest.raises(Interrupted):
        desk(of, stopped)
    trained = {(r.config.lr, r.config.seed) for r in ResultsFolder(str(tmp_path / "r")).trials.records()}
    assert len(trained) == 7
    again = Trainer(of)
    assert words(desk(of, again)) == {"easy": "supported"}
    assert again.bought == [("b", 2), ("b", 3), ("b", 4)]


@pytest.mark.parametrize("done", [7, 8, 9])
def test_what_was_begun_is_trained_to_its_end_though_more_would_hardly_decide_it(
    desk: Any, tmp_path: Path, done: int
) -> None:
    of = study(BOUND)
    stopped = Trainer(of)
    stopped.stop_after = done
    with pytest.raises(Interrupted):
        desk(of, stopped, most_seeds=6)
    assert [v.verdict for v in judged_in(str(tmp_path / "r"), [])] == ["missing"]
    preview = desk(of, most_seeds=6, dry_run=True)
    assert [o.seeds for o in preview.most(6)] == [5] == [o.seeds for o in preview.batch(6, math.inf)]
    again = Trainer(of)
    now = desk(of, again, most_seeds=6)
    assert words(now) == {"bound": "open"} and len(again.bought) == 10 - done


def test_of_a_claim_with_a_gap_that_is_not_filled_it_says_that_it_is_missing(
    desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = study(BOUND)
    desk(of, hours=1e-9)
    for seeds in (range(3), range(4, 5)):
        arms = {"s/a": seeds, "s/d": seeds}
        Trainer(of)(PlanRequest(("s",), results=str(tmp_path / "r"), arm_seeds=arms), HERE, None, {})
    assert words(desk(of, view=DecideView(), most_seeds=6)) == {"bound": "missing"}
    said = " ".join(capsys.readouterr().out.split())
    assert "no trial of seed 3, so later ones wait (the first is 4)." in said and "open is an answer" not in said


def test_on_its_bound_it_stops_and_says_what_it_would_take(desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    now = desk(study(BOUND), view=DecideView(), most_seeds=12)
    assert words(now) == {"bound": "open"} and now.verdicts[0].path[-1] < 12
    said = " ".join(capsys.readouterr().out.split())
    assert "1 stays open" in said and "12 seeds decide it with" in said and "That it is open is an answer too." in said


def test_a_preview_trains_and_writes_nothing(desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = Trainer(study(EASY))
    desk(trainer.of, trainer, dry_run=True, view=DecideView())
    said = capsys.readouterr().out
    assert "easy: seeds 0 to 4 of s/a, s/b" in said and "Dry run: nothing was trained." in said
    assert not trainer.asked and not (tmp_path / "r").exists()
    desk(trainer.of, trainer, most_seeds=5)
    files = sorted((tmp_path / "r").rglob("*"))
    rewritten = study(claim("easy", "a", "b", from_seed=5))
    now = desk(rewritten, dry_run=True)
    assert now.claims[0].seeds == 0 and now.claims[0].need is not None, "seeds 0 to 4 tell of the spread"
    assert sorted((tmp_path / "r").rglob("*")) == files


def test_money_and_hours_end_it(desk: Any) -> None:
    of = study(EASY, NEAR)
    cheap = Trainer(of)
    desk(of, cheap, hours=1e-6)
    assert not cheap.asked
    desk(of, cheap, price=0.001, hourly_price=3600.0)
    assert not cheap.asked
    for bad in ({"price": 1.0}, {"hours": -1.0}, {"most_seeds": 3}, {"hours": float("nan")}):
        with pytest.raises(BadInput):
            desk(of, **bad)


def test_a_purchase_gets_the_time_that_is_left_and_the_verdicts_are_given_when_it_is_used_up(desk: Any) -> None:
    class Slow(Trainer):
        def __call__(self, asked: PlanRequest, where: RunOptions, view: Any, sources: Any) -> None:
            given.append(where.seconds)
            super().__call__(asked, where, view, sources)
            raise OutOfTime("the time that was given is used up")

    given: list[float] = []
    now = desk(study(EASY, NEAR), Slow(study(EASY, NEAR)), hours=0.5)
    assert len(given) == 1 and 1790 < given[0] <= 1800
    assert words(now)["easy"] == "supported", "what was trained in time is judged"


def test_what_failed_counts_as_worst_and_does_not_go_on_for_ever(desk: Any) -> None:
    trainer = Trainer(study(EASY))
    trainer.failing = {"b"}
    with pytest.raises(SomeFailed):
        desk(trainer.of, trainer)
    assert len(trainer.bought) == len(set(trainer.bought))


def test_programs_read_an_event_a_line(desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    desk(study(EASY, BOUND), view=DecideView(as_json=True), most_seeds=6)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["event"] for e in events][:2] == ["claims", "batch"] and events[-1]["event"] == "end"
    assert any(e["event"] == "verdict" and e["claim"] == "easy" for e in events)
    assert events[-1]["decided"] == ["easy"] and events[-1]["open"][0]["claim"] == "bound"


def test_before_anything_is_bought_it_says_what_all_of_it_costs_at_most(desk: Any, capsys: Any) -> None:
    def said(**how: Any) -> str:
        desk(study(EASY, BOUND), view=DecideView(), dry_run=True, **how)
        return " ".join(capsys.readouterr().out.split())

    free = said(most_seeds=12)
    assert re.search(r"cost at most 36 trials, about [^,]+, if each of these takes 12 seeds; less where one is", free)
    assert "--hours or --price sets a limit." in free and free.index("cost at most") < free.index("buys")
    bound = said(most_seeds=12, hours=0.05, hourly_price=2.0)
    assert re.search(r"at most 3 min 00 s, 0.10 of money, as allowed; all 12 seeds would be 36 trials, about ", bound)
    now = desk(study(EASY, BOUND), view=DecideView(as_json=True), dry_run=True, most_seeds=12)
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["most_trials"] == 36 and first["most_seconds"] == pytest.approx(now.wall_seconds(now.most(12)))
    assert desk(study(EASY)).most(40) == [], "it is decided"


def test_the_pace_is_that_of_the_data_at_hand(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(decide_seeds, "pace_for_plan", lambda where, plan: asked.append(plan.trials[0].config.data))
    desk(study(EASY), dry_run=True)
    assert asked == ["fashion-mnist"]


def test_all_claims_are_frozen_before_a_seed_is_bought(desk: Any, tmp_path: Path) -> None:
    of = study(EASY)
    desk(of, hours=1e-9)
    store = ResultsFolder(str(tmp_path / "r"))
    assert [s.claims for s in store.studies.versions("s")] == [of.claims]
    assert not read_runs(store.folder, [])


def test_a_search_is_refused(desk: Any) -> None:
    from study.spec.registry import load_study

    with pytest.raises(BadInput, match="it searches"):
        desk(load_study("search-sgd-adam"))


def test_what_it_costs_has_the_start_in_it_and_what_a_trial_takes_beside_its_epochs(desk: Any) -> None:
    now = desk(study(EASY), dry_run=True)
    first = now.batch(40, math.inf)
    _, seconds = now.missing_trial("s/a", 0)
    epochs = expected_seconds(study().config("a", seed=0), synthetic.FASHION)
    assert seconds == pytest.approx(TRIAL_SECONDS + epochs)
    total = 10 * seconds
    assert now.wall_seconds(first) == pytest.approx(START_SECONDS + total / now.cores)
    assert now.seconds_to_decide(now.claims[0]) == (pytest.approx(START_SECONDS + total / now.cores),) * 2
    assert now.wall_seconds([]) == 0.0
    small = dataclasses.replace(now, pace=Pace(1e-6))
    assert small.wall_seconds(small.batch(40, math.inf)) == pytest.approx(
        INLINE_START_SECONDS + 10 * TRIAL_SECONDS, rel=1e-3
    )


@pytest.mark.parametrize("quiet", [False, True])
def test_a_batch_trains_under_the_live_view_of_a_run(desk: Any, *, quiet: bool) -> None:
    seen: list[RunView] = []

    class Watched(Trainer):
        def __call__(self, asked: PlanRequest, where: RunOptions, view: Any, sources: Any) -> None:
            seen.append(view)
            super().__call__(asked, where, view, sources)

    desk(study(EASY), Watched(study(EASY)), view=DecideView("study decide s", quiet=quiet))
    assert seen and all(isinstance(v, RunView) and v.quiet is quiet for v in seen)
    assert {v.command for v in seen} == {"study decide s"}, "what Ctrl-C in a batch says goes on with the decision"


def test_while_it_judges_a_terminal_shows_it(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    closed: list[bool] = []
    drawing = SimpleNamespace(draw=shown.extend, close=lambda *, keep: closed.append(keep))
    monkeypatch.setattr(decide_view, "drawing_on", lambda console: drawing)
    desk(study(EASY, NEAR), most_seeds=5, dry_run=True, view=DecideView())
    assert shown[0] == "judging 2 claims  0:00" and closed == [False]
    desk(study(EASY, NEAR), most_seeds=5, dry_run=True, view=DecideView(as_json=True))
    assert closed == [False], "a program sees no line that ticks"


def test_what_stays_open_is_told_as_a_range_with_its_chance_and_cost(desk: Any, capsys: Any) -> None:
    of = study(EASY, NEAR)
    desk(of, most_seeds=5)
    capsys.readouterr()
    desk(of, most_seeds=5, view=DecideView())
    said = " ".join(capsys.readouterr().out.split())
    assert re.search(r"It would need \d+( to (over )?\d+)? more seeds \(with a chance of 80 %\), \d+ s", said)
