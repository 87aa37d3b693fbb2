"""Where the numbers come from: data, machines, versions and commands; what is not alike is said first."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analysis.report.inputs import ReportInputs, read_inputs
from analysis.report.page_tree import Facts, Notice, Paragraph, Table, walk
from analysis.report.provenance_section import commands_sheet, section
from study.spec.domains import Float
from study.spec.search import Search
from study.spec.study import Arm, Study
from tests import synthetic
from tests.analysis.stores import fill, store_of

STUDY = Study(name="s", title="t", question="q", knobs=("lr",), epochs=2, arms=(Arm(name="a"),))


@pytest.fixture
def inputs(tmp_path: Path) -> ReportInputs:
    return read_inputs(store_of(tmp_path / "r", [STUDY], (0, 1), endings={("a", 1): ("diverged", 1)}))


def test_data_seeds_trials_and_commands_are_named(inputs: ReportInputs) -> None:
    blocks = section(inputs).blocks
    (facts,) = [b for b in blocks if isinstance(b, Facts)]
    said = dict(facts.rows)
    assert said["Data"] == f"fashion-mnist, checksum {synthetic.CHECKSUM}"
    assert said["Seeds"] == "0, 1" and said["Trials"] == "1 diverged, 1 finished"
    assert said["Precision and device"] == "fp32 on cpu"
    tables = {b.name: b.sheet for b in blocks if isinstance(b, Table)}
    assert [c.text for c in tables["machines"].rows[0]] == [
        "node-1", "processor of node-1", "unknown", "unknown", "2.14.1", "2"
    ]  # fmt: skip
    assert [c.text for c in tables["commands"].rows[0]][1:4] == ["study run s", "0, 1", "full"]
    assert not [b for b in blocks if isinstance(b, Notice)], "all are alike"


def test_what_ended_early_is_called_so(tmp_path: Path) -> None:
    """A search had "18 stopped", where the page says "ended early" everywhere else."""
    read = read_inputs(store_of(tmp_path / "r", [STUDY], (0,), endings={("a", 0): ("stopped", 1)}))
    (facts,) = [b for b in section(read).blocks if isinstance(b, Facts)]
    assert dict(facts.rows)["Trials"] == "1 ended early"


def test_a_folder_without_trials_has_no_facts_of_them(tmp_path: Path) -> None:
    """It said "Data unknown", and had a table of machines without a row."""
    blocks = section(read_inputs(store_of(tmp_path / "r", [STUDY], ()))).blocks
    assert Paragraph("No trial is on record.") in blocks
    assert not [b for b in blocks if isinstance(b, Facts) or (isinstance(b, Table) and b.name == "machines")]


def test_trials_of_two_machines_and_versions_are_warned_of(tmp_path: Path) -> None:
    store = store_of(tmp_path / "r", [STUDY], (0, 1))
    (one,) = synthetic.records(STUDY, (2,), host="node-2")
    fill(store, [dataclasses.replace(one, provenance={**one.provenance, "torch": "2.11.0"})])
    (notice,) = [b for b in walk(section(read_inputs(store)).blocks) if isinstance(b, Notice)]
    assert notice.title == "Not all alike" and len(notice.lines) == 2
    assert (
        "processor of node-1; processor of node-2" in notice.lines[0] and "Times are not comparable" in notice.lines[0]
    )
    assert "versions of PyTorch (2.11.0, 2.14.1)" in notice.lines[1]


def test_a_folder_without_runs_has_no_commands(inputs: ReportInputs) -> None:
    names = [b.name for b in section(dataclasses.replace(inputs, runs=())).blocks if isinstance(b, Table)]
    assert names == ["machines"]


@pytest.mark.parametrize(
    ("command", "said"),
    [(("study", "5"), "none: from Python"), (("study", "run", "s"), "study run s")],
)
def test_a_run_from_python_has_no_command(inputs: ReportInputs, command: tuple[str, ...], said: str) -> None:
    """What stood behind a script's name was shown as a command of ours."""
    run = dataclasses.replace(inputs.runs[0], command=command)
    (table,) = [
        b
        for b in section(dataclasses.replace(inputs, runs=(run,))).blocks
        if isinstance(b, Table) and b.name == "commands"
    ]
    assert table.sheet.rows[0][1].text == said


def test_a_run_of_a_search_does_not_say_that_it_trained_nothing(inputs: ReportInputs) -> None:
    """It said 0 trials and 0 epochs, and the seeds of arms that it has not."""
    search = Search(space={"lr": Float(low=0.1, high=1.0)}, trials=4, seeds=1)
    asking = Study(name="q", title="t", question="q", knobs=("lr",), epochs=2, search=search)
    alone = dataclasses.replace(inputs.runs[0], studies=("q",), seeds=(0, 1, 2), trials_to_train=0, epochs_to_train=0)
    both = dataclasses.replace(alone, studies=("s", "q"), trials_to_train=6, epochs_to_train=12)
    studies = {**inputs.studies, "q": asking}
    sheet = commands_sheet(dataclasses.replace(inputs, studies=studies, runs=(alone, both, inputs.runs[0])))
    shown = [(row[2].text, row[4].text, row[5].text) for row in sheet.rows]
    assert shown[:2] == [("3 fresh seeds", "a search", "a search"), ("0, 1, 2", "6 and a search", "12 and a search")]
    assert "search" not in " ".join(shown[2])


def test_counts_and_times_of_runs_are_written_as_everywhere_else(inputs: ReportInputs) -> None:
    """It said "6000" where all else is "6,000", and a time with its microseconds."""
    run = dataclasses.replace(inputs.runs[0], epochs_to_train=6000, began="2026-11-27T18:03:21.120000+00:00")
    (row,) = commands_sheet(dataclasses.replace(inputs, runs=(run,))).rows
    assert (row[0].text, row[5].text) == ("2026-11-27 18:03 UTC", "6,000")
