"""Which of a search's best diverged under fresh seeds: no mean knows of them, so a sentence says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.data.arms import arm_frame
from analysis.data.frames import Frames
from analysis.data.load import load
from analysis.data.protocols import judged_version
from analysis.text.arm_names import called
from analysis.text.phrases import first_up
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import first_fresh_seed
from trainables.config.plurals import counted


@dataclass(frozen=True)
class LostSeeds:
    """One of the best that diverged under some of its fresh seeds."""

    arm: str
    diverged: int
    seeds: int
    """Fresh seeds that ended, these included."""

    @property
    def all_of_them(self) -> bool:
        """Whether no seed is left that has a number."""
        return self.diverged == self.seeds


def lost_seeds(answering: Study, frames: Frames) -> tuple[LostSeeds, ...]:
    """The arms of an answer that diverged under fresh seeds."""
    rows = arm_frame(frames, answering)
    rows = rows[(rows["seed"] >= first_fresh_seed(answering)) & rows["status"].isin(["finished", "diverged"])]
    found = ((a.name, rows.loc[rows["arm"] == a.name, "status"]) for a in answering.arms)
    counts = ((arm, int((status == "diverged").sum()), len(status)) for arm, status in found)
    return tuple(LostSeeds(arm, diverged, seeds) for arm, diverged, seeds in counts if diverged)


def lost_lines(answering: Study, frames: Frames) -> list[str]:
    """A sentence an arm that diverged."""
    names: Mapping[str, str] = {a.name: called(a.say, a.name) for a in answering.arms}
    return [_sentence(names[lost.arm], lost) for lost in lost_seeds(answering, frames)]


def read_lost_lines(store: ResultsFolder, study: str) -> list[str]:
    """The same of a study's search in a results folder."""
    answering = judged_version(store, f"{study}.answer")
    return [] if answering is None else lost_lines(answering, load(store).frames)


def _sentence(name: str, lost: LostSeeds) -> str:
    """What became of its seeds.

    >>> _sentence("the winner", LostSeeds("winner", 2, 5))
    'The winner diverged in 2 of 5 fresh seeds; the mean is of the others.'
    >>> _sentence("the winner", LostSeeds("winner", 5, 5))
    'The winner diverged in 5 of 5 fresh seeds.'
    """
    rest = "" if lost.all_of_them else "; the mean is of the others"
    return f"{first_up(name)} diverged in {lost.diverged} of {counted(lost.seeds, 'fresh seed')}{rest}."
