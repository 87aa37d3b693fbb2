"""Seeds are bought where they decide; what was decided stays. An executor that trains nothing stands for training."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import json
import math
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analysis.report import verdicts as judged_in
from study.app import decide_view, pace, run_studies
from study.app.decide_request import DecideRequest
from study.app.decide_seeds import Prospects, decide
from study.app.decide_view import DecideView
from study.app.pace import Pace
from study.app.plan_studies import PlanRequest
from study.app.run_studies import Interrupted, OutOfTime, RunOptions, SomeFailed
from study.app.run_view import RunView
from study.planning.cost import INLINE_START_SECONDS, START_SECONDS, TRIAL_SECONDS, expected_seconds
from study.planning.executor import Assignment, RunContext, WorkQueue
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.study import Arm, Family, Study
from study.spec.study_file import StudySource
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import read_runs
from tests import synthetic
from tests.study import own
from tests.study.made_up import MadeUp
from tests.waiting import wait_until
from trainables.config.errors import BadInput
from trainables.config.trial_config import TrialConfig
from trainables.records.trial_record import TrialRecord

SHIFT = {"a": 0.0, "b": -0.02, "c": -0.0035, "d": -0.001}


def at(arm: str) -> Quantity:
    return Quantity(arm=arm, metric="val_accuracy")


def claim(name: str, a: str, b: str, low: float = 0.0, **more: Any) -> Claim:
    return Claim(id=name, statement="s.", parts=(Contrast(a=at(a), b=at(b), low=low),), **more)


def study(*claims: Claim, epochs: int = 2) -> Study:
    arms = tuple(Arm(name=a, change={"lr": 0.001 * (i + 1)}) for i, a in enumerate(SHIFT))
    family = Family(name="f", places=6)
    return Study(
        name="s", title="t", question="q", knobs=("lr",), epochs=epochs, arms=arms, claims=claims, family=family,
        base={"data": "grains"},
    )  # fmt: skip


EASY, NEAR, BOUND = claim("easy", "a", "b"), claim("near", "a", "c"), claim("bound", "a", "d", low=0.001)


class Trainer(MadeUp):
    """An executor whose trials come out as their arm and seed say, and what it has trained."""

    def __init__(self, stop_after: float = math.inf, failing: Collection[str] = ()) -> None:
        super().__init__(lambda config, until: outcome(config))
        self.bought, self.stop_after, self.failing = list[tuple[str, int]](), stop_after, failing

    def do(self, given: Assignment, work: WorkQueue, run: RunContext) -> None:
        arm, (seed,) = arm_of(given.job.config), given.job.seeds
        if len(self.bought) >= self.stop_after:
            run.settings.stop.signalled = True
            return work.returned(given.number)
        self.bought.append((arm, seed))
        if arm in self.failing:
            return work.lost(given.number, "it fails")
        return super().do(given, work, run)


def arm_of(config: TrialConfig) -> str:
    return "abcd"[round(config.lr / 0.001) - 1]


def outcome(config: TrialConfig) -> TrialRecord:
    arm = arm_of(config)
    noise = 0.002 * np.random.default_rng(["abcd".index(arm), config.seed]).standard_normal()
    return synthetic.changed(synthetic.record(config), -1, val_accuracy=0.8 + SHIFT[arm] + noise)


def up_to(seeds: int) -> DecideRequest:
    return DecideRequest(("s",), most_seeds=seeds)


@functools.cache
def grains() -> Path:
    """A folder with the data that these studies are about."""
    folder = Path(tempfile.mkdtemp(prefix="grains-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    own.data(folder, "grains", 60, 10)
    return folder


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(pace, "last_folder", lambda: None)

    def buy(
        of: Study, trainer: Trainer | None = None, *, dry_run: bool = False, view: Any = None, **how: Any
    ) -> Prospects:
        asked = DecideRequest(("s",), str(tmp_path / "r"), data_dir=grains(), **how)
        where = RunOptions(cpus=1, executor=trainer or Trainer())
        return decide(asked, where, view or DecideView(quiet=True), dry_run=dry_run, sources={"s": StudySource(of)})

    return buy


def train(of: Study, results: Path, seeds: Mapping[str, Sequence[int]]) -> None:
    """What another command trains of some arms."""
    asked = PlanRequest(("s",), results=str(results), data_dir=grains(), arm_seeds=seeds)
    run_studies.run(asked, RunOptions(cpus=1, executor=Trainer()), RunView(quiet=True), {"s": StudySource(of)})


def words(now: Prospects) -> dict[str, str]:
    return {v.id: v.verdict for v in now.verdicts}


def test_only_arms_of_open_claims_get_more_seeds_and_what_is_decided_stays(desk: Any, tmp_path: Path) -> None:
    of = study(EASY, NEAR)
    first = Trainer()
    desk(of, first, most_seeds=5)
    assert words(desk(of, most_seeds=5)) == {"easy": "supported", "near": "open"}
    before = {v.id: v for v in judged_in(str(tmp_path / "r"), [])}
    more = Trainer()
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
    train(of, tmp_path / "r", more)
    now = desk(of, dry_run=True)
    assert words(now)["other"] == "open"
    assert {c.id: c.seeds for c in now.claims}["other"] == 5
    assert [v.verdict for v in judged_in(str(tmp_path / "r"), []) if v.id == "other"] == ["open"]


def test_it_goes_on_after_an_interrupt_and_fills_the_gap(desk: Any, tmp_path: Path) -> None:
    of = study(EASY)
    with pytest.raises(Interrupted):
        desk(of, Trainer(stop_after=7))
    trained = {(r.config.lr, r.config.seed) for r in ResultsFolder(str(tmp_path / "r")).trials.records()}
    assert len(trained) == 7
    again = Trainer()
    assert words(desk(of, again)) == {"easy": "supported"}
    assert len(again.bought) == 3 and not trained & {(0.001 * ("abcd".index(arm) + 1), s) for arm, s in again.bought}


def test_of_a_claim_with_a_gap_that_is_not_filled_it_says_so(
    desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = study(BOUND)
    desk(of, hours=1e-9)
    for seeds in (range(3), range(4, 5)):
        arms = {"s/a": seeds, "s/d": seeds}
        train(of, tmp_path / "r", arms)
    assert words(desk(of, view=DecideView(), most_seeds=6)) == {"bound": "not-enough-seeds"}
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "no trial of seed 3, so later ones wait (the first is 4): --seeds 0-4 fills the gap." in said
        and "open is an answer" not in said
    )


def test_on_its_bound_it_stops_and_says_what_it_would_take(desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    now = desk(study(BOUND), view=DecideView(), most_seeds=12)
    assert words(now) == {"bound": "open"} and now.verdicts[0].path[-1] < 12
    said = " ".join(capsys.readouterr().out.split())
    assert "1 stays open" in said and "12 seeds in all decide it with a chance " in said
    assert "That it is open is an answer too." in said


def test_a_preview_trains_and_writes_nothing(desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of, trainer = study(EASY), Trainer()
    desk(of, trainer, dry_run=True, view=DecideView())
    said = capsys.readouterr().out
    assert "easy: seeds 0 to 4 of s/a, s/b" in said and "Dry run: nothing was trained." in said
    assert not trainer.bought and not (tmp_path / "r").exists()
    desk(of, trainer, most_seeds=5)
    files = sorted((tmp_path / "r").rglob("*"))
    rewritten = study(claim("easy", "a", "b", from_seed=5))
    now = desk(rewritten, dry_run=True)
    assert now.claims[0].seeds == 0 and now.claims[0].need is not None, "seeds 0 to 4 tell of the spread"
    assert sorted((tmp_path / "r").rglob("*")) == files


def test_money_and_hours_end_it(desk: Any) -> None:
    of = study(EASY, NEAR)
    cheap = Trainer()
    desk(of, cheap, hours=1e-6)
    assert not cheap.bought
    desk(of, cheap, price=0.001, hourly_price=3600.0)
    assert not cheap.bought
    for bad in ({"price": 1.0}, {"hours": -1.0}, {"most_seeds": 3}, {"hours": float("nan")}):
        with pytest.raises(BadInput):
            desk(of, **bad)


def test_a_purchase_gets_the_time_that_is_left_and_the_verdicts_are_given_when_it_is_used_up(desk: Any) -> None:
    class Slow(Trainer):
        """Its workers have nothing to do for as long as the run lasts."""

        def work_through(self, work: WorkQueue, run: RunContext) -> None:
            super().work_through(work, run)
            wait_until("the time is used up", lambda: run.settings.stop.asked, 60)
            ends.append(run.settings.stop.kind)

    ends: list[type] = []
    now = desk(study(EASY, NEAR), Slow(), hours=4 / 3600)
    assert ends == [OutOfTime], "and there is no second purchase"
    assert words(now)["easy"] == "supported", "what was trained in time is judged"


def test_what_failed_counts_as_worst_and_does_not_go_on_for_ever(desk: Any) -> None:
    trainer = Trainer(failing={"b"})
    with pytest.raises(SomeFailed):
        desk(study(EASY), trainer)
    assert len(trainer.bought) == len(set(trainer.bought))


def test_programs_read_an_event_a_line(desk: Any, capsys: pytest.CaptureFixture[str]) -> None:
    desk(study(EASY, BOUND), view=DecideView(as_json=True), most_seeds=6)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [e["event"] for e in events][:2] == ["claims", "batch"] and events[-1]["event"] == "end"
    assert any(e["event"] == "verdict" and e["claim"] == "easy" for e in events)
    assert events[-1]["decided"] == ["s/easy"] and events[-1]["open"][0]["claim"] == "bound"


def test_before_anything_is_bought_it_says_what_all_of_it_costs_at_most(desk: Any, capsys: Any) -> None:
    def said(**how: Any) -> str:
        desk(of, view=DecideView(), dry_run=True, **how)
        return " ".join(capsys.readouterr().out.split())

    of = study(EASY, BOUND, epochs=20_000)
    free = said(most_seeds=12)
    assert re.search(r"cost at most 36 trials, about [^,]+, if each of these takes 12 seeds; less where one is", free)
    assert "--hours or --price sets a limit." in free and free.index("cost at most") < free.index("buys")
    bound = said(most_seeds=12, hours=0.05, hourly_price=2.0)
    assert re.search(r"at most 3 min, 0.10 of money, as allowed; all 12 seeds would be 36 trials, about ", bound)
    now = desk(of, view=DecideView(as_json=True), dry_run=True, most_seeds=12)
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["most_trials"] == 36 and first["most_seconds"] == pytest.approx(now.wall_seconds(now.most(up_to(12))))
    assert desk(study(EASY)).most(up_to(40)) == [], "it is decided"


def test_the_pace_is_that_of_the_data_at_hand(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that of the last run where the folder has none: `study run` knew it, and this said that nobody did."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(pace, "last_folder", lambda: "last")
    monkeypatch.setattr(pace, "_times_in", lambda where: [Path(where).name])
    monkeypatch.setattr(pace, "clock_factor", lambda folders, now: 3.0)
    monkeypatch.setattr(pace, "most_slowed", lambda *_: 9.0)  # else this machine's load now sets a limit
    monkeypatch.setattr(pace, "_pace_of", lambda times, size, data, of: asked.append((times[0], data)))
    assert desk(study(EASY), dry_run=True).pace is None
    assert asked == [("r", "grains"), ("last", "grains")]
    monkeypatch.setattr(pace, "_pace_of", lambda times, *_: Pace(2.0) if times == ["last"] else None)
    assert desk(study(EASY), dry_run=True).pace == Pace(2.0, clock_factor=3.0)


def test_all_claims_are_frozen_before_a_seed_is_bought(desk: Any, tmp_path: Path) -> None:
    of = study(EASY)
    desk(of, hours=1e-9)
    store = ResultsFolder(str(tmp_path / "r"))
    assert [s.claims for s in store.studies.versions("s")] == [of.claims]
    assert not read_runs(store.folder)


def test_a_search_is_refused(desk: Any) -> None:
    from study.spec.registry import load_study

    with pytest.raises(BadInput, match="its search has no answer yet"):
        desk(load_study("search-sgd-adam"))


def test_what_it_costs_has_the_start_in_it_and_what_a_trial_takes_beside_its_epochs(desk: Any) -> None:
    of = study(EASY, epochs=20_000)
    now = desk(of, dry_run=True)
    first = now.batch(up_to(40), math.inf)
    _, seconds = now.missing_trial("s/a", 0)
    epochs = expected_seconds(of.config("a", seed=0), now.plan.size)
    assert seconds == pytest.approx(TRIAL_SECONDS + epochs)
    total = 10 * seconds
    assert now.wall_seconds(first) == pytest.approx(START_SECONDS + total / now.cores)
    assert now.seconds_to_decide(now.claims[0]) == (pytest.approx(START_SECONDS + total / now.cores),) * 2
    assert now.wall_seconds([]) == 0.0
    small = dataclasses.replace(now, pace=Pace(1e-6))
    assert small.wall_seconds(small.batch(up_to(40), math.inf)) == pytest.approx(
        INLINE_START_SECONDS + 10 * TRIAL_SECONDS, rel=1e-3
    )
    busy, claim = dataclasses.replace(now, pace=Pace(1.0, clock_factor=3.0)), now.claims[0]
    assert busy.wall_seconds(first) == pytest.approx(3.0 * now.wall_seconds(first))
    assert busy.seconds_to_decide(claim) == tuple(pytest.approx(3.0 * s) for s in now.seconds_to_decide(claim))


@pytest.mark.parametrize("quiet", [False, True])
def test_a_batch_trains_under_the_live_view_of_a_run(
    desk: Any, capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    with pytest.raises(Interrupted, match=r"next  study decide s$"):  # it goes on with the decision, not with a run
        desk(study(EASY), Trainer(stop_after=3), view=DecideView("study decide s", quiet=quiet))
    assert ("(made up)" in capsys.readouterr().err) is not quiet


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
    assert re.search(r"It would need \d+( to (over )?\d+)? more seeds \(with a chance of 80 %\), \d+( to \d+)? s", said)
