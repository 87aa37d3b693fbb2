"""A search whose best diverged under fresh seeds says so, and keeps the number of what did not."""

from __future__ import annotations

from pathlib import Path

from analysis.report import search_answers, search_section
from analysis.report.inputs import read_inputs
from analysis.report.page_tree import Notice, walk
from analysis.searches.lost_seeds import read_lost_lines
from analysis.searches.retrained import read_answer
from analysis.searches.sentences import search_lines
from tests.analysis.searches.test_findings import searched_store


def test_a_winner_that_diverged_under_all_fresh_seeds_is_said_to_and_the_next_keeps_its_number(tmp_path: Path) -> None:
    """It read "The best are not trained under fresh seeds yet: run the study again", for ever."""
    store, study = searched_store(tmp_path, ("val_accuracy",), lost={"winner": (1000, 1001, 1002)})
    said = "The winner diverged in 3 of 3 fresh seeds."
    assert read_lost_lines(store, "demo") == [said]
    (left,) = read_answer(store, "demo")
    assert left.arm == "runner-up" and left.behind is None and left.estimate.n == 3
    found = read_inputs(store)
    answer = search_answers.plain_answer(found, study)
    assert answer.startswith("The runner-up reaches") and answer.endswith(f" {said}")
    notices = [b for b in walk(search_section.blocks(found, study)) if isinstance(b, Notice)]
    assert [n.lines for n in notices if n.title == "Diverged under fresh seeds"] == [(said,)]
    assert said in search_lines(store, "demo")


def test_where_all_of_them_diverged_there_is_no_answer_and_no_run_that_would_give_one(tmp_path: Path) -> None:
    every = (1000, 1001, 1002)
    store, study = searched_store(tmp_path, ("val_accuracy",), lost={"winner": every, "runner-up": every})
    found = read_inputs(store)
    lost = ("The winner diverged in 3 of 3 fresh seeds.", "The runner-up diverged in 3 of 3 fresh seeds.")
    assert search_answers.plain_answer(found, study) == " ".join(lost)
    (notice,) = [b for b in walk(search_section.blocks(found, study)) if isinstance(b, Notice) and "nswer" in b.title]
    assert (notice.title, notice.lines) == ("No answer", lost)
    assert search_lines(store, "demo")[:2] == list(lost)


def test_a_mean_of_the_seeds_that_are_left_says_so(tmp_path: Path) -> None:
    store, study = searched_store(tmp_path, ("val_accuracy",), lost={"winner": (1001,)})
    said = "The winner diverged in 1 of 3 fresh seeds; the mean is of the others."
    assert [r.estimate.n for r in read_answer(store, "demo")] == [2, 3]
    found = read_inputs(store)
    assert search_answers.plain_answer(found, study).endswith(f" {said}")
    assert said in [
        line for b in walk(search_section.blocks(found, study)) if isinstance(b, Notice) for line in b.lines
    ]
