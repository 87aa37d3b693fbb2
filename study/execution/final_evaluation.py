"""The one look at the test part: who is evaluated there, and that the log says so before it happens.

Not here: how it is measured (`trainables.jobs.job_runner`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from study.search.controller import SearchController
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
    if not all(known):
        number = 1 + test_evaluations(e for controller in controllers.values() for e in controller.tests)
        for label, p in chosen:
            controllers[label].tested(p.number, seeds, part, number)
