"""What a report reads: seeds are asked of an arm, and a claim lacks only what was asked of all its arms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.claims.queries import NotMeasured
from analysis.claims.verdicts import Verdict
from analysis.data.load import Loaded, load
from analysis.report.inputs import read_inputs
from analysis.report.judge_folder import judge_folder, verdicts
from study.spec import registry
from study.spec.claims import Claim, Contrast, Quantity
from study.spec.study import Arm, Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from tests import synthetic
from tests.analysis import stores
from tests.analysis.searches.test_findings import searched_store

BETTER = Contrast(a=Quantity(arm="b", metric="val_accuracy"), b=Quantity(arm="a", metric="val_accuracy"), low=0.0)
SMALL = Study(
    name="small",
    title="T",
    question="Q?",
    knobs=("lr",),
    epochs=3,
    arms=(Arm(name="a"), Arm(name="b", change={"lr": 0.2}), Arm(name="c", change={"lr": 0.3})),
    claims=(Claim(id="better", statement="b is better than a.", parts=(BETTER,)),),
)


def asked(store: ResultsFolder, name: str, **arms: tuple[int, ...]) -> None:
    seeds = {f"small/{arm}": seeds for arm, seeds in arms.items()}
    every = tuple(sorted({s for of in arms.values() for s in of}))
    write_run(store.folder, name, RunRecord(studies=("small",), seeds=every, asked=seeds, reduced=False))


def verdict(folder: Path) -> Verdict:
    (found,) = verdicts(str(folder / "r"), [])
    return found


def test_more_seeds_of_some_arms_make_no_claim_missing(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], range(5), shift={"b": 0.05})
    before = verdict(tmp_path)
    asked(store, "20260102T000000-a", b=(5, 6, 7), c=(5,))
    assert verdict(tmp_path) == before, "asked of b alone, and not yet on record"
    more = [r for r in synthetic.records(SMALL, (5, 6, 7), shift={"b": 0.05}) if r.config.lr == 0.2]
    stores.fill(store, more)
    assert verdict(tmp_path) == before, "on record of b alone"


def test_a_seed_asked_of_both_arms_that_one_has_not_is_missing_by_its_name(tmp_path: Path) -> None:
    near = replace(SMALL, claims=(replace(SMALL.claims[0], parts=(replace(BETTER, low=0.03),)),))
    store = stores.store_of(tmp_path / "r", [near], range(5), shift={"b": 0.02})
    asked(store, "20260102T000000-a", a=(5, 6), b=(5, 6))
    more = synthetic.records(near, (5, 6), shift={"b": 0.02}, skip=[("a", 5), ("c", 5), ("c", 6)])
    stores.fill(store, more)
    v = verdict(tmp_path)
    assert v.verdict == "missing" and v.path == (0, 1, 2, 3, 4)
    assert v.reason == "a has no trial of seed 5"


def test_while_a_run_goes_on_arms_are_compared_over_the_seeds_that_both_have(tmp_path: Path) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], (0, 1), shift={"b": 0.05})
    stores.fill(store, synthetic.records(SMALL, (2,), skip=[("a", 2), ("c", 2)]))
    asked(store, "20260102T000000-a", a=(0, 1, 2, 3), b=(0, 1, 2, 3), c=(0, 1, 2, 3))
    live = replace(read_inputs(store), provisional=True)
    assert live.paired(SMALL) == {"small/a": (0, 1), "small/b": (0, 1, 2), "small/c": (0, 1)}
    a, b = (Quantity(arm=f"small/{arm}", metric="val_accuracy") for arm in "ab")
    assert live.measurements.difference(b, a).n == 2
    assert live.measurements.so_far() == "2 of 4 seeds so far"
    over = read_inputs(store).paired(SMALL)
    assert over == {"small/a": (0, 1), "small/b": (0, 1, 2), "small/c": (0, 1)}, "and once it is over"


def test_while_a_run_goes_on_a_seed_that_is_done_before_an_earlier_one_waits_for_it_as_once_it_is_over(
    tmp_path: Path,
) -> None:
    """The page that follows a run took every seed that two arms had, and the page of its end the leading ones."""
    store = stores.store_of(tmp_path / "r", [SMALL], (0, 2), shift={"b": 0.05})
    asked(store, "20260102T000000-a", a=(0, 1, 2, 3), b=(0, 1, 2, 3), c=(0, 1, 2, 3))
    live = replace(read_inputs(store), provisional=True)
    assert live.paired(SMALL) == {"small/a": (0,), "small/b": (0,), "small/c": (0,)} == read_inputs(store).paired(SMALL)


def test_while_a_run_goes_on_an_arm_without_its_first_seed_says_that_and_one_without_any_says_that(
    tmp_path: Path,
) -> None:
    store = stores.store_of(tmp_path / "r", [SMALL], (), shift={"b": 0.05})
    stores.fill(store, synthetic.records(SMALL, (1,), skip=[("b", 1), ("c", 1)]))
    asked(store, "20260102T000000-a", a=(0, 1, 2, 3), b=(0, 1, 2, 3), c=(0, 1, 2, 3))
    live = replace(read_inputs(store), provisional=True)
    assert live.paired(SMALL) == {"small/a": (0, 1), "small/b": (), "small/c": ()}
    a, b = (Quantity(arm=f"small/{arm}", metric="val_accuracy") for arm in "ab")
    for quantity, said in ((a, "has no trial of seed 0$"), (b, "has no trials$")):
        with pytest.raises(NotMeasured, match=said):
            live.measurements.estimate(quantity)


def test_more_seeds_that_were_asked_for_and_are_not_there_cost_no_answer(tmp_path: Path) -> None:
    """Of 60 seeds 10 were there: the page said "Not measured yet" beside "supported"."""
    store = stores.store_of(tmp_path / "r", [SMALL], range(5), shift={"b": 0.05})
    stores.fill(store, synthetic.records(SMALL, (5, 7), shift={"b": 0.05}, skip=[("a", 5)]))
    (verdict,), before = verdicts(str(tmp_path / "r"), []), read_inputs(store).measurements
    every = tuple(range(60))
    asked(store, "20260102T000000-a", a=every, b=every, c=every)
    measured = read_inputs(store).measurements
    a, b = (Quantity(arm=f"small/{arm}", metric="val_accuracy") for arm in "ab")
    assert measured.asked["small/a"] == (0, 1, 2, 3, 4) and measured.asked["small/b"] == (0, 1, 2, 3, 4, 5)
    assert measured.difference(b, a) == before.difference(b, a) and measured.difference(b, a).n == 5
    assert measured.so_far() == "5 of 60 seeds so far" and before.so_far() == ""
    said = judge_folder(str(tmp_path / "r"))
    assert said.answers["small"].endswith(". 5 of 60 seeds so far.")
    assert said.verdicts[0].verdict == "missing" and said.verdicts[0].n == verdict.n == 5, "as it is judged"


def test_seeds_after_one_that_is_not_there_wait_and_one_that_failed_is_never_passed_over(tmp_path: Path) -> None:
    """A mean over those that happen to be there would leave out what fails, or takes long."""
    endings = {("b", 1): ("failed", 0), ("c", 2): ("stopped", 1)}
    store = stores.store_of(tmp_path / "r", [SMALL], (0, 1, 2, 4), endings=endings)
    asked(store, "20260102T000000-a", a=(3,), b=(3,), c=(3,))
    inputs = read_inputs(store)
    assert inputs.paired(SMALL) == {"small/a": (0, 1, 2), "small/b": (0, 1, 2), "small/c": (0, 1)}
    a, b, c = (Quantity(arm=f"small/{arm}", metric="val_accuracy") for arm in "abc")
    assert inputs.measurements.difference(c, a).n == 2
    with pytest.raises(NotMeasured, match="seed 1 of small/b failed"):
        inputs.measurements.difference(b, a)


def test_a_seed_that_another_study_trained_of_the_baseline_is_compared_too(tmp_path: Path) -> None:
    """`study decide` asks no seed of an arm that is there already; the answer had 8 pairs where the claim had 10."""
    store = stores.store_of(tmp_path / "r", [SMALL], (0, 1), shift={"b": 0.05})
    stores.fill(store, synthetic.records(SMALL, (2, 3), shift={"b": 0.05}, skip=[("b", 3), ("c", 2), ("c", 3)]))
    asked(store, "20260102T000000-a", a=(0, 1), b=(0, 1, 2), c=(0, 1))
    inputs = read_inputs(store)
    assert inputs.paired(SMALL) == {"small/a": (0, 1, 2), "small/b": (0, 1, 2), "small/c": (0, 1)}, "3 was not asked"
    a, b = (Quantity(arm=f"small/{arm}", metric="val_accuracy") for arm in "ab")
    assert inputs.measurements.difference(b, a).n == 3
    assert inputs.asked(SMALL)["small/a"] == (0, 1), "nothing more is asked of it"


def test_an_arm_gets_the_words_of_a_catalogue_only_where_it_is_configured_as_there(tmp_path: Path) -> None:
    chapters = registry.load_study("dropout")
    unsaid = replace(chapters, arms=tuple(replace(a, say="") for a in chapters.arms))
    half = replace(SMALL, name="dropout", knobs=("dropout_hidden",), base={}, claims=(), arms=(
        Arm(name="none", change={"dropout_hidden": 0.5}), Arm(name="more", change={"dropout_hidden": 0.7})
    ), baseline="none")  # fmt: skip
    one = replace(unsaid, arms=tuple(
        replace(a, change={"dropout_hidden": 0.4}) if a.name == "dropout-0.25" else a for a in unsaid.arms
    ))  # fmt: skip
    said = {}
    for i, study in enumerate((unsaid, half, one)):
        store = ResultsFolder(str(tmp_path / str(i)), create=True)
        store.studies.freeze(study)
        said[i] = {a.name: a.say for a in read_inputs(store).studies["dropout"].arms}
    assert said[0] == {a.name: a.say for a in chapters.arms} and said[0]["none"] == "the plain network"
    assert said[1] == {"none": "", "more": ""}, "somebody's own study, called so too"
    assert said[2] == {**said[0], "dropout-0.25": ""}, "an arm that is another one now"


def test_what_a_search_says_has_its_trials_while_it_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configurations that were "trained to the end" had trials that were "stopped": those were read before."""
    searched_store(tmp_path / "r", ("val_accuracy",))
    log, later = tmp_path / "r" / "searches", tmp_path / "later"
    log.rename(later)

    def read_slowly(of: ResultsFolder) -> Loaded:
        loaded = load(of)
        later.rename(log)
        return loaded

    monkeypatch.setattr("analysis.report.inputs.load", read_slowly)
    found = read_inputs(ResultsFolder(tmp_path / "r"))
    assert found.searches == () and log.exists(), "it is no further than the trials that were read"


def test_a_claim_keeps_the_note_that_it_was_registered_with(tmp_path: Path) -> None:
    now = registry.load_study("optimizer")
    store = ResultsFolder(str(tmp_path), create=True)
    store.studies.freeze(replace(now, claims=(now.claims[0], replace(now.claims[1], note="old"))))
    assert read_inputs(store).studies["optimizer"].claims[1].note == "old"
