"""The report of a run that goes on: trials under way are shown and judge nothing; what it cannot show it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from analysis.report import html
from analysis.report.inputs import read_inputs
from analysis.report.live_page import LiveDocument, live_page, read_live, under_way
from analysis.report.page_tree import LiveState, Page
from analysis.report.study_section import RUNS_NOTE
from study.spec.claims import Claim, Level, Quantity
from study.spec.study import Arm, Study
from study.storage.integrity import HEADER_FILE
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import write_run
from study.storage.storage_errors import ChangesTooFast
from study.storage.unfinished import UnfinishedTrial, keep_unfinished
from tests.analysis.stores import run, store_of
from tests.synthetic import record

EVIL = "<script>alert(1)</script>"
STUDY = Study(
    name="s", title=EVIL, question=f"{EVIL}?", knobs=("lr",), epochs=6,
    arms=(Arm(name="slow", change={"lr": 0.01}), Arm(name="fast", change={"lr": 0.1})),
    claims=tuple(
        Claim(id=f"s-{m}", statement="So it is.", parts=(Level(quantity=Quantity(arm="slow", metric=m), low=0.1),))
        for m in ("val_accuracy", "updates")
    ),
)  # fmt: skip
BASE, OTHER = "slow", "fast"


def row(accuracy: float) -> dict[str, float]:
    return {"val_accuracy": accuracy, "train_accuracy": accuracy + 0.03, "val_loss": 1.0, "train_loss": 0.9}


def unfinished(study: Study, arm: str, seed: int, *epochs: int) -> UnfinishedTrial:
    config = study.config(arm, seed=seed)
    return UnfinishedTrial(config, record(config).data_checksum, {e: row(0.5 + 0.01 * e) for e in epochs})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ResultsFolder:
    """Two seeds of five are done, a third is under way."""
    made = store_of(tmp_path_factory.mktemp("live") / "r", [STUDY], seeds=(0, 1))
    write_run(made.folder, "20260101T000001-000000", run([STUDY], range(5)))
    keep_unfinished(made.folder, [unfinished(STUDY, BASE, 2, 1, 2, 5), unfinished(STUDY, OTHER, 2, 1)])
    return made


@pytest.fixture(scope="module")
def shown(store: ResultsFolder) -> LiveDocument:
    return live_page(store.folder.where, provisional=True)


def test_before_a_trial_is_finished_nothing_is_counted_as_none(tmp_path: Path) -> None:
    """It said "0 trials over 0 seeds" and "s/fast has no trials" while both arms trained."""
    made = store_of(tmp_path / "r", [STUDY], seeds=())
    write_run(made.folder, "20260101T000001-000000", run([STUDY], range(5)))
    keep_unfinished(made.folder, [unfinished(STUDY, BASE, 0, 1, 2, 3), unfinished(STUDY, OTHER, 0, 1)])
    page = live_page(made.folder.where, provisional=True).document
    assert "No trial is finished yet" in page and "Not measured yet:" not in page
    assert "0 trials" not in page and "0 seeds" not in page and "data-curves" in page


def test_what_a_run_has_yet_to_train_is_called_not_measured_yet_in_every_place(tmp_path: Path) -> None:
    """It was "no number yet", "Missing.", "no trials" and "missing" in one page, twice of one arm, while both trained;
    its data were "unknown", and a trial under way took 0.0 seconds."""
    made = store_of(tmp_path / "r", [STUDY], seeds=())
    write_run(made.folder, "20260101T000001-000000", run([STUDY], range(5)))
    keep_unfinished(made.folder, [unfinished(STUDY, BASE, 0, 1, 2, 3), unfinished(STUDY, BASE, 1, 1)])
    page = live_page(made.folder.where, provisional=True).content
    assert "no number yet" not in page and "Missing" not in page and ": missing" not in page
    assert "no trials" not in page and "unknown" not in page and "Its trials are not there" not in page
    assert '<p class="sentence">Not measured yet. Why: slow has no finished trial.</p>' in page
    assert "s-val_accuracy: not measured yet" in page and "Its trials are still to come." in page
    assert "0; 2 running<" in page
    assert page.count("slow: no finished trial.") == 1 and "slow has no finished trial." in page
    assert "fast has no finished trial" not in page, "that fast has none is said by its own note"
    assert "No trial is finished yet.</p>" in page.split('id="origin"')[1]
    (seconds,) = {row.rpartition("<td")[2] for row in re.findall(r"<tr data-arm[^>]*>.*?</tr>", page, re.DOTALL)}
    assert ">-</td>" in seconds


def test_trials_under_way_are_in_the_curves_and_the_list_and_in_no_mean(
    store: ResultsFolder, shown: LiveDocument
) -> None:
    data = json.loads(re.search(r'data-curves="([^"]*)"', shown.document)[1].replace("&#34;", '"'))  # type: ignore[index]
    arm = next(a for a in data["arms"] if a["name"] == BASE)
    ((end, lines),) = arm["ended"]
    assert end == "running"
    assert lines["val_accuracy"] == [51.0, 52.0, None, None, 55.0], "an epoch that was not reported is a hole"
    assert "<td>running</td>" in shown.document and f"5 of {STUDY.epochs}" in shown.document
    assert RUNS_NOTE in shown.document
    known = read_live(store, provisional=True)
    assert set(known.frames.trials["status"]) == {"finished"}
    assert len(known.shown.trials) == len(known.frames.trials) + 2


def test_a_trial_that_is_on_record_as_far_is_not_under_way(store: ResultsFolder) -> None:
    frames = read_inputs(store).frames
    assert under_way([unfinished(STUDY, BASE, 0, 1, 2)], frames) is None
    assert under_way([], frames) is None and under_way([unfinished(STUDY, BASE, 3)], frames) is None


def test_verdicts_are_so_far_until_the_run_ends(store: ResultsFolder, shown: LiveDocument) -> None:
    assert "Verdicts are so far" in shown.content and 'class="so-far"' not in shown.content, "there is none yet"
    for provisional in (True, False):
        page = html.render(Page("t", "l", False, (("supported", 1),), (), live=LiveState(provisional)))
        assert ('supported <span class="so-far">so far</span>' in page) is provisional
    assert "Missing</strong>" not in shown.content, "what has yet to come is not missing"
    ended = live_page(store.folder.where, provisional=False)
    assert 'class="so-far"' not in ended.content and "no trial of seeds 2" in ended.content
    assert "2 of 5 seeds so far" in re.sub(r"<[^>]*>", "", ended.content)
    assert ended.version != shown.version


def test_it_is_the_reports_page_with_its_policy_and_one_connection_more(shown: LiveDocument) -> None:
    text = shown.document
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]  # type: ignore[index]
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy and "unsafe" not in policy
    assert text.count("<script>") == 1 and "figures/" not in text, "no link to a file that nobody serves"
    assert 'class="curves"' in text and 'class="forest"' in text and "EventSource" in text
    assert f'data-version="{shown.version}"' in text and shown.content in text


def test_a_damaged_folder_is_a_sentence_in_the_page(tmp_path: Path) -> None:
    where = store_of(tmp_path / "r", [STUDY], seeds=(0,)).folder.where
    (damaged,) = (tmp_path / "r" / "trials").glob("gathered-*")
    damaged.write_bytes(damaged.read_bytes()[:-9])
    text = live_page(where, provisional=True).content
    assert "Could not be read" in text and "study repair" in text
    (tmp_path / "r" / HEADER_FILE).write_text("{")
    text = live_page(where, provisional=True).content
    assert "This folder cannot be shown" in text and "Traceback" not in text


def test_whatever_goes_wrong_is_a_sentence(store: ResultsFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.report.live_page.build_page", lambda _: 1 / 0)
    assert "It cannot be shown (ZeroDivisionError)." in live_page(store.folder.where, provisional=True).content


def test_text_from_outside_stays_text(shown: LiveDocument) -> None:
    assert EVIL not in shown.document and "&lt;script&gt;alert" in shown.document


def test_a_folder_that_is_written_faster_than_it_is_read_is_tried_again(
    store: ResultsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said that the folder cannot be shown, and to try again when the run has ended."""

    def busy(_: ResultsFolder, *, provisional: bool) -> None:
        raise ChangesTooFast(f"the folder changes too fast ({provisional})")

    monkeypatch.setattr("analysis.report.live_page.read_live", busy)
    said = live_page(store.folder.where, provisional=True).content
    assert "It tries again." in said and "cannot be shown" not in said
