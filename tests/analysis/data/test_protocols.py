"""Which version of a study is judged, and what counts as reduced: new folders, those of version 0.1, and mixed ones."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.data import protocols
from analysis.report.build_page import build_page
from analysis.report.inputs import ReportInputs, read_inputs
from study.app.status import status_of
from study.cli import status_text
from study.cli.main import app
from study.planning.protocol import Protocol
from study.search import finalists
from study.search.controller import SearchController
from study.search.optuna_samplers import make_sampler
from study.spec import registry
from study.spec.domains import Float
from study.spec.search import Search
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, write_run
from study.storage.search_log import SearchLog, answer_name, write_answer
from tests import synthetic
from tests.analysis.stores import fill, run
from tests.synthetic import CHECKSUM, FASHION, records

SCALING = registry.load_study("scaling")
QUICK = Protocol((0,), quick=True).study(SCALING)


def add(store: ResultsFolder, study: Study, seeds: tuple[int, ...], number: int, *, old: bool = False) -> None:
    """What a run of a study leaves; `old`: as version 0.1 did."""
    fill(store, records(study, seeds))
    store.studies.freeze(dataclasses.replace(study, reduced=()) if old else study)
    named = None if old else (study.name,) if study.reduced else ()
    said = dataclasses.replace(run([study], seeds), reduced=bool(study.reduced), reduced_studies=named)
    write_run(store.folder, f"2026010{number}T000000-00000{number}", said)


def verdicts(store: ResultsFolder) -> tuple[ReportInputs, list[str]]:
    inputs = read_inputs(store)
    judged = CliRunner().invoke(app, ["claims", str(store.folder.where), "--json"])
    return inputs, [v["verdict"] for v in json.loads(judged.stdout)]


@pytest.mark.parametrize("old", [False, True], ids=["new", "0.1"])
def test_a_quick_run_is_reduced_and_a_full_one_is_not(tmp_path: Path, old: bool) -> None:
    for name, study in (("quick", QUICK), ("full", SCALING)):
        store = ResultsFolder(tmp_path / name, create=True)
        add(store, study, (0, 1), 1, old=old)
        inputs, found = verdicts(store)
        assert inputs.reduced == (name == "quick")
        assert ("reduced" in found) == (set(found) == {"reduced"}) == (name == "quick")


@pytest.mark.parametrize("old", [False, True], ids=["new", "0.1"])
@pytest.mark.parametrize("first", [QUICK, SCALING], ids=["quick-first", "full-first"])
def test_in_a_mixed_folder_the_full_run_is_judged(tmp_path: Path, first: Study, old: bool) -> None:
    store, alone = ResultsFolder(tmp_path / "mixed", create=True), ResultsFolder(tmp_path / "alone", create=True)
    for number, study in enumerate((first, SCALING if first is QUICK else QUICK), start=1):
        add(store, study, (0, 1, 2) if study is SCALING else (0, 1, 2, 3), number, old=old)
    add(alone, SCALING, (0, 1, 2), 1, old=old)
    inputs, found = verdicts(store)
    assert found == verdicts(alone)[1] and "reduced" not in found
    assert inputs.seeds("scaling") == (0, 1, 2) and not inputs.reduced and not inputs.changes


def test_a_study_that_declares_its_images_is_not_reduced(tmp_path: Path) -> None:
    own = dataclasses.replace(SCALING, name="own", base={**SCALING.base, "train_images": 500})
    for old in (False, True):
        store = ResultsFolder(tmp_path / str(old), create=True)
        add(store, own, (0, 1), 1, old=old)
        assert "reduced" not in verdicts(store)[1]


def test_whose_runs_are_lost_is_not_judged_by_mistake() -> None:
    unmarked = dataclasses.replace(QUICK, reduced=())
    assert protocols.with_reduced_mark(unmarked, []).reduced == ("*",)
    full = RunRecord(studies=("scaling",), seeds=(0,), reduced=False)
    assert protocols.with_reduced_mark(unmarked, [full]).reduced == (), "the run on record says that it was none"
    assert protocols.with_reduced_mark(unmarked, [full, dataclasses.replace(full, reduced=True)]).reduced == ("*",)
    assert protocols.with_reduced_mark(SCALING, []).reduced == ()


def test_the_answer_of_an_old_reduced_search_is_reduced_too() -> None:
    search = Protocol((0,), quick=True).study(registry.load_study("search-sgd-adam"))
    answer = dataclasses.replace(SCALING, name="search-sgd-adam.answer", base=search.base)
    said = RunRecord(studies=("search-sgd-adam",), seeds=(0,), reduced=True)
    assert protocols.with_reduced_mark(dataclasses.replace(search, reduced=()), [said]).reduced == ("*",)
    assert protocols.with_reduced_mark(answer, [said]).reduced == ("*",)


def test_claims_of_a_quick_run_end_well_and_say_how_many(tmp_path: Path) -> None:
    store = ResultsFolder(tmp_path / "quick", create=True)
    add(store, QUICK, (0,), 1)
    done = CliRunner().invoke(app, ["claims", str(tmp_path / "quick")])
    assert done.exit_code == 0, done.output
    n = len(SCALING.claims)
    assert f"{n} claims: {n} not judged (reduced)\n" in done.stdout
    words = " ".join(done.stdout.split())
    assert words.count("- not judged ") == words.count("In full, on record:") == n
    assert words.count(". Claimed: ") == n, "of the number on record, which every one of these claims has"
    assert {v.verdict for v in build_page(read_inputs(store)).verdicts} == {"reduced"}


def test_trials_of_a_reduced_run_stand_besides_wherever_trials_are_counted(tmp_path: Path) -> None:
    """They counted as the study's: "6 trials over 3 seeds", above "There are no trials of this study"."""
    store = ResultsFolder(tmp_path / "mixed", create=True)
    add(store, QUICK, (0, 1, 2), 1)
    n = 3 * len(SCALING.arms)
    assert read_inputs(store).besides == frozenset(), "as long as the study is shown reduced"
    add(store, SCALING, (), 2)
    inputs, where = read_inputs(store), str(store.folder.where)
    assert len(inputs.besides) == n == len(inputs.frames.trials) and inputs.counted_trials.empty
    page = build_page(inputs).page
    assert page.lead.endswith(f" 0 trials; {n} reduced trials besides."), page.lead
    assert page.note == f"{n} trials of a reduced run are in no number here."
    status = status_of(where)
    assert (status.statuses, status.epochs, status.reduced) == ({}, 0, n)
    assert f"no trial in full is on record; {n} reduced trials besides" in status_text.status_lines(where)[1]
    add(store, SCALING, (0, 1), 3)
    inputs, full = read_inputs(store), 2 * len(SCALING.arms)
    assert len(inputs.besides) == n and len(inputs.counted_trials) == full
    page = build_page(inputs).page
    assert page.lead.endswith(f"{full} trials over 2 seeds; {n} reduced trials besides.")
    assert "seeds 0, 1. " in page.note and f"{5 * full} epochs of training in all" in page.note


def searched(store: ResultsFolder, study: Study) -> set[str]:
    """What a search of one seed and its answer leave, from made-up records; the trials of both."""
    assert study.search is not None
    log = SearchLog(store, study.name, "", study.search, study.shared_knobs, CHECKSUM)
    controller = SearchController(study.search, study.shared_knobs, FASHION, make_sampler(study.search), log.add)
    trials = []
    while (segment := controller.next()) is not None:
        config = study.shared_knobs.config(controller.proposals[segment.proposal].point)
        trials.append(config)
        there = synthetic.record(config).epochs["val_accuracy"][: segment.until]
        controller.report(segment.proposal, {"val_accuracy": list(there)}, False)
    answer = finalists.answer_study(study, [("", controller.proposals[0])])
    small = bool(study.reduced)
    written = finalists.search_answer(answer, [("", controller.proposals[0])], (1000, 1001))
    write_answer(store, answer_name(study.name, reduced=small), written)
    for version in (study, answer):
        store.studies.freeze(version)
    trials += [answer.config(arm.name, seed=seed) for arm in answer.arms for seed in (1000, 1001)]
    fill(store, [synthetic.record(config) for config in {c.identity(CHECKSUM): c for c in trials}.values()])
    return {config.identity(CHECKSUM) for config in trials}


def test_trials_of_a_reduced_search_stand_besides_too(tmp_path: Path) -> None:
    """They counted as those of the search in full, and so did the trials of its answer."""
    space = {"lr": Float(low=0.01, high=0.1, log=True)}
    search = Search(space=space, trials=6, seeds=1, searcher="random", objectives=("val_accuracy",))
    full = Study(name="seek", title="T", question="Q?", knobs=("lr",), epochs=9, search=search)
    store, where = ResultsFolder(tmp_path / "r", create=True), str(tmp_path / "r")
    small = searched(store, Protocol((0,), quick=True).study(full))
    assert len(small) == 4 + 2 and status_of(where).reduced == 0, "as long as the search is shown reduced"
    store.studies.freeze(full)
    status = status_of(where)
    assert (status.reduced, status.statuses) == (4, {"finished": 2}), "the answer is shown reduced until there is one"
    whole = searched(store, full)
    status = status_of(where)
    assert (status.reduced, sum(status.statuses.values())) == (len(small), len(whole))
    assert read_inputs(store).besides == small
    assert protocols.reduced_besides(store, [full], [], small | whole) == small, "as a plan of the search asks"


def test_a_shorter_trial_that_goes_on_as_one_of_the_study_is_none_besides(tmp_path: Path) -> None:
    short = dataclasses.replace(SCALING, epochs=2, reduced=("*",))
    store = ResultsFolder(tmp_path / "mixed", create=True)
    add(store, short, (0, 1), 1)
    add(store, SCALING, (), 2)
    assert read_inputs(store).besides == frozenset()
