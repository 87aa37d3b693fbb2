"""What the page of a search says while it goes on."""

from __future__ import annotations

from analysis.searches.best_so_far import best_so_far
from analysis.searches.findings import findings_of_part
from tests.analysis.searches.test_findings import made


def test_while_none_is_trained_to_the_end_the_best_of_those_that_came_furthest_is_named() -> None:
    part = made("none", 3)
    for i, proposal in enumerate(part.proposals):
        proposal.curves, proposal.state = {"val_accuracy": [0.5 + 0.01 * i] * (2 if i < 3 else 1)}, "paused"
    said = best_so_far(findings_of_part(part, rounds=2))
    assert said.startswith("The best so far has 52.00 % validation accuracy after 2 of 9 epochs, selected on val: "), (
        said
    )
