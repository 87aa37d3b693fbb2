"""What fresh seeds say of the best of a search."""

from __future__ import annotations

import dataclasses

import pandas as pd

from analysis.data.frames import Frames
from analysis.searches import answer_sentences as search_words
from analysis.searches.retrained import Retrained, TestResult, _before
from analysis.statistics.estimates import Estimate
from analysis.text.arm_names import by_name
from study.storage.search_answer import ChosenProposal, RacedProposal, SearchAnswer
from tests.analysis.searches.test_findings import made


def test_an_answer_says_whether_the_difference_is_real_and_how_it_was_flattered() -> None:
    first = Retrained("winner", "lr 0.1", Estimate(0.9, 0.89, 0.91, 5), None, None, (0.91,))
    second = Retrained("runner-up", "lr 0.2", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5))
    luck = Retrained("runner-up", "lr 0.2", Estimate(0.9, 0.87, 0.91, 5), Estimate(-0.001, -0.02, 0.01, 5))
    said = search_words.answer_sentences([first, second, luck])
    assert said[0].startswith("winner: 90.00 % (89.00 to 91.00, 5 fresh seeds)")
    assert "In the search, whose seeds chose the winner, the winner had 91.00 %, 1.00 points better" in said[0]
    assert "The runner-up ends 2.00 points (1.00 to 3.00) below the winner" in said[1]
    plain = search_words.plain_answer([first, luck], {n: by_name(n) for n in ("winner", "runner-up")}, "val_accuracy")
    assert plain.startswith("We do not know whether the winner is ahead of the runner-up: ")
    assert "(1.00 to 3.00) below the winner. " in said[1] and "chance" not in said[1], "nothing judged it"
    assert "The runner-up ends 0.10 points (-1.00 to 2.00) above the winner" in said[2] and "may be chance" in said[2]


def test_the_verdict_tells_a_difference_from_chance_not_the_95_percent_interval() -> None:
    """It was "more than chance" by 1.00 to 3.00, where the interval that decides reaches 0 and the claim is open."""
    first = Retrained("winner", "lr 0.1", Estimate(0.9, 0.89, 0.91, 5), None)
    second = Retrained("runner-up", "lr 0.2", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5))

    def said(decided: dict[tuple[str, str], bool]) -> str:
        return search_words.answer_sentences([first, second], decided=decided)[1]

    claim = ("runner-up", "val_accuracy")
    assert "below the winner, which is more than chance" in said({claim: True})
    assert "below the winner. The seeds have not decided whether that is chance" in said({claim: False})
    assert "chance" not in said({("runner-up", "test_accuracy"): True}), "a claim about another number"


def test_the_answer_is_by_the_test_part_where_all_were_measured_there() -> None:
    """The sentence had the numbers that chose them, beside a difference on the test part."""
    there = TestResult("test_accuracy", Estimate(0.85, 0.84, 0.86, 5), None, 1)
    lower = dataclasses.replace(there, estimate=Estimate(0.87, 0.86, 0.88, 5), behind=Estimate(-0.02, -0.03, -0.01, 5))
    first = Retrained("adam", "", Estimate(0.9, 0.89, 0.91, 5), None, tested=there)
    second = Retrained("sgd", "", Estimate(0.88, 0.87, 0.89, 5), Estimate(0.02, 0.01, 0.03, 5), tested=lower)
    said = search_words.plain_answer([first, second], {}, "val_accuracy")
    assert said == "Sgd ends 2.0 points above adam under fresh seeds: 87.0 % against 85.0 % test accuracy."
    untested = dataclasses.replace(second, tested=None)
    assert "88.0 % against 90.0 % validation accuracy" in search_words.plain_answer(
        [first, untested], {}, "val_accuracy"
    )
    whole = search_words.answer_sentences([first, second])[1]
    assert "Test accuracy, evaluated once, 87.00 %. There SGD ends 2.00 points (1.00 to 3.00) above " in whole
    assert "below" not in whole, "on the validation part it was below"
    alone = dataclasses.replace(lower, behind=None)
    whole = search_words.answer_sentences([first, dataclasses.replace(second, tested=alone)])[1]
    assert " In validation accuracy, selected on val, SGD ends 2.00 points (1.00 to 3.00) below " in whole


def test_what_a_winner_had_in_the_search_is_over_the_seeds_of_its_race_too() -> None:
    part = made("none", 3)
    config = part.shared.config(part.proposals[1].point)
    rows = [
        {"trial": config.replace(seed=seed).identity(part.data), "epoch": epoch, "val_accuracy": 0.5 + seed / 10}
        for seed in range(5)
        for epoch in (8, 9)
    ]
    frames = Frames(pd.DataFrame(), pd.DataFrame(rows), pd.DataFrame())
    listed = SearchAnswer("demo.answer", (1000,), (ChosenProposal("winner", "", 1),))
    (plain,) = _before([part], listed, ("val_accuracy",), frames)["winner"]
    assert plain == part.proposals[1].values(("val_accuracy",))[0], "there was no race"
    raced = dataclasses.replace(listed, raced=(RacedProposal("", 1, 5),))
    (mean,) = _before([part], raced, ("val_accuracy",), frames)["winner"]
    assert abs(mean - 0.7) < 1e-9
    short = dataclasses.replace(listed, raced=(RacedProposal("", 1, 6),))
    assert _before([part], short, ("val_accuracy",), frames)["winner"] == (), "the record of a seed is missing"
