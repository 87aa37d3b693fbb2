"""The trials of a search's best: what their numbers lead to."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from analysis.data.frames import from_records
from analysis.report import search_section
from analysis.report.page_tree import Section, Table, Trials
from analysis.report.searched_trials import searched_anchor, searched_trials
from analysis.searches.findings import findings_of_part
from study.storage.search_log import current_parts, search_parts
from tests import synthetic
from tests.analysis.searches.test_findings import searched_store


def test_each_number_of_the_best_leads_to_the_trials_behind_it(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",))
    (part,), _ = current_parts(search_parts(store), study)
    found = findings_of_part(dataclasses.replace(part, data=synthetic.CHECKSUM))
    configs = {p.number: part.shared.config(p.point) for p in part.proposals}
    records = {(n, s): synthetic.record(c.replace(seed=s)) for n, c in configs.items() for s in (0, 1, 1000)}
    best, behind = search_section._best(found, from_records(records.values()))
    assert isinstance(best, Table) and isinstance(behind, Section) and behind.folded
    (trials,) = behind.blocks
    assert isinstance(trials, Trials)
    assert trials.table.sheet.heads == ("Configuration", "Seed", "Trial", "Ended", "Validation accuracy, %")
    assert [place for _, place, _ in trials.rows if place] == [row[1].trials for row in best.sheet.rows]
    for row in best.sheet.rows:
        own = [[cell.text for cell in r[1:]] for r in trials.table.sheet.rows if r[0].text == row[0].text]
        of = [(str(s), records[int(row[0].text), s]) for s in (0, 1)]  # seed 1000 is fresh: it chose nothing
        assert own == [[s, r.id, "finished", f"{100 * r.epochs['val_accuracy'][-1]:.2f}"] for s, r in of]


def test_of_a_configuration_whose_records_are_elsewhere_no_trial_is_shown(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",))
    (part,), _ = current_parts(search_parts(store), study)
    found = findings_of_part(part)
    assert searched_trials(found, {0: 2}, from_records([])) is None
    assert searched_anchor(found, 0) != searched_anchor(found, 1)
