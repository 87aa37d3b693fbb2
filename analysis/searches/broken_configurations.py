"""Configurations of a search that are possibly broken, as arms are (`analysis.data.possibly_broken`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.data.possibly_broken import LOSSES, STILL_EPOCHS, guessing_limit
from analysis.searches.proposal_frames import distinct
from study.storage.search_events import Curves, Proposal
from study.storage.search_log import SearchPart
from trainables.config.errors import BadInput
from trainables.config.plurals import noun
from trainables.data.facts import DataFacts


def broken_sentence(part: SearchPart, data: Mapping[str, DataFacts]) -> str:
    """Name the configurations whose loss stands still, or that end no better than guessing; empty where none does.

    Args:
        part: a search; its curves are means over seeds.
        data: by checksum; of others it is not known what guessing would give.
    """
    once = distinct(part)
    still = [p for p in once if stands_still(p.curves)]
    guessing = [p for p in once if p not in still and _guesses(part, p, data.get(part.data))]
    said = []
    if still:
        said.append(f"the loss of {_numbers(still)} is the same to the last bit in {STILL_EPOCHS} epochs in a row")
    if guessing:
        said.append(f"{_numbers(guessing)} {'ends' if len(guessing) == 1 else 'end'} no better than guessing")
    return f"Possibly broken: {'; '.join(said)}." if said else ""


def stands_still(curves: Curves) -> bool:
    """Whether a loss has the same bits in `STILL_EPOCHS` epochs in a row, and was not 0, where nothing is left to do.

    >>> stands_still({"val_loss": [0.5, 0.4, 0.4, 0.4]}), stands_still({"val_loss": [0.5, 0.4, 0.4]})
    (True, False)
    >>> stands_still({"val_loss": [0.4, 0.4, 0.4], "train_loss_eval": [0.0, 0.0, 0.0]})
    False
    """
    learnt = [loss == 0 for loss in curves.get("train_loss_eval", ())]
    for name in LOSSES:
        values = curves.get(name, ())
        for end in range(STILL_EPOCHS, len(values) + 1):
            if len(set(values[end - STILL_EPOCHS : end])) == 1 and not any(learnt[end - STILL_EPOCHS : end]):
                return True
    return False


def _guesses(part: SearchPart, p: Proposal, known: DataFacts | None) -> bool:
    accuracies = p.curves.get("val_accuracy", ())
    if known is None or p.state != "whole" or not accuracies:
        return False
    try:
        images, share = known.validation(part.shared.config(p.point))
    except BadInput:  # an earlier version took it
        return False
    return accuracies[-1] <= guessing_limit(images, share, part.search.seeds) and accuracies[-1] < 1


def _numbers(found: Sequence[Proposal]) -> str:
    """Name configurations by their numbers; of many, the first.

    Args:
        found: at least one.
    """
    named = ", ".join(str(p.number) for p in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"{noun(len(found), 'configuration')} {named}{more}"
