"""The faults in a worker of Ray's; apart, because Ray takes a second to import."""

from __future__ import annotations

from tests.chaos.faulty import FaultySteps
from trainables.jobs.ray_trainable import StudyTrainable


class Faulty(StudyTrainable):
    """A trial that faults visit."""

    steps = FaultySteps
