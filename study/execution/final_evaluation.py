"""The one look at the test part: who is evaluated there, and that the log says so before it happens.

Not here: how it is measured (`trainables.jobs.job_runner`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from study.search.controller import OF_WINNERS, SearchController
from study.spec.study import Study
from study.storage.search_answer import ExampleCounts
from study.storage.search_events import Proposal, test_evaluations
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import DataSet


def has_test_part(study: Study, data: DataSet) -> bool:
    """Whether a search's data have a part that it does not select on."""
    return data.test_images is not None or bool(study.base.get("held_out"))


def example_counts(study: Study, data: DataSet) -> ExampleCounts | None:
    """How many examples validation and test part have; None where there is no test part."""
    if not has_test_part(study, data):
        return None
    images, own = len(data.train_labels), len(data.val_labels)
    held_out = TrialConfig(held_out=study.base.get("held_out", 0.0), fold=study.base.get("fold", 0)).images_held_out(
        images
    )
    if held_out:
        return ExampleCounts(held_out, own)
    return ExampleCounts(own, 0 if data.test_labels is None else len(data.test_labels))


def log_test_evaluation(
    controllers: Mapping[str, SearchController], chosen: Sequence[tuple[str, Proposal]], seeds: Sequence[int], part: str
) -> None:
    """Keep in the log that the winners are evaluated on the test part; what was kept already is no other look.

    A run that ended between two winners had evaluated none of them: its look goes on.

    Args:
        controllers: by part of the search.
        chosen: the winners, each with its part's name.
        seeds: that they are retrained under.
        part: the checksum of the test part.
    """
    known = [
        any(e.proposal == p.number and e.by == part and set(seeds) <= set(e.seeds) for e in controllers[label].tests)
        for label, p in chosen
    ]
    if all(known):
        return
    last = test_evaluations(e for controller in controllers.values() for e in controller.tests)
    begun = _unfinished(controllers, last, part)
    for (label, p), there in zip(chosen, known, strict=True):
        if not (begun and there):
            controllers[label].tested(p.number, seeds, part, last if begun else last + 1, of=len(chosen))


def _unfinished(controllers: Mapping[str, SearchController], look: int, part: str) -> bool:
    """Whether the log has fewer winners of a look than it says there were; an older log does not say."""
    events = [(label, e) for label, c in controllers.items() for e in c.tests if e.until == look]
    said = [int(match[1]) for _, e in events if (match := OF_WINNERS.fullmatch(e.message))]
    winners = {(label, e.proposal) for label, e in events}
    return bool(said) and all(e.by == part for _, e in events) and len(winners) < max(said)
