"""Under which of its fresh seeds a search's answer is whole: an interrupted one has some arms under some of them."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.data.arms import arm_frame
from analysis.data.frames import Frames
from analysis.data.load import load
from analysis.data.protocols import judged_version
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.search_answer import SearchAnswer
from study.storage.search_log import answer_of
from trainables.config.plurals import counted


@dataclass(frozen=True)
class FreshSeeds:
    """The newest fresh seeds of an answer."""

    asked: tuple[int, ...]
    there: tuple[int, ...]
    """Those under which every arm has ended."""

    @property
    def missing(self) -> frozenset[int]:
        """Those that an arm lacks: what is compared is not of them, for means over unlike seeds are not alike."""
        return frozenset(self.asked) - frozenset(self.there)

    def words(self) -> str:
        """How many there are.

        >>> FreshSeeds((1000, 1001, 1002), (1000, 1001)).words(), FreshSeeds((1000,), (1000,)).words()
        ('2 of 3 fresh seeds', '1 fresh seed')
        """
        of = counted(len(self.asked), "fresh seed")
        return f"{len(self.there)} of {of}" if self.missing else of


def fresh_seeds(answering: Study, frames: Frames, listed: SearchAnswer | None) -> FreshSeeds:
    """The fresh seeds of an answer, as far as its trials are on record.

    Args:
        answering: the study that retrains a search's best.
        frames: of the folder.
        listed: what is on record of how it was chosen.
    """
    asked = tuple(sorted(set(listed.seeds))) if listed else ()
    rows = arm_frame(frames, answering)
    rows = rows[rows["status"].isin(["finished", "diverged"])]
    arms = rows.groupby("seed")["arm"].nunique()
    return FreshSeeds(asked, tuple(s for s in asked if arms.get(s, 0) == len(answering.arms)))


def missing_line(found: FreshSeeds, *, so_far: bool = False) -> str:
    """That an answer is not whole, in a sentence; empty where it is.

    >>> missing_line(FreshSeeds((1000, 1001, 1002), (1000, 1001)))
    '2 of 3 fresh seeds are on record for every arm, and the answer is of these alone.'
    >>> missing_line(FreshSeeds((1000, 1001, 1002), (1000,)), so_far=True)
    'So far 1 of 3 fresh seeds is on record for every arm, and the answer is of that one alone.'
    """
    if not found.missing:
        return ""
    several = len(found.there) != 1
    said = f"{found.words()} {'are' if several else 'is'} on record for every arm"
    if found.there:
        said += f", and the answer is of {'these' if several else 'that one'} alone"
    return f"{'So far ' if so_far else ''}{said}."


def read_missing_line(store: ResultsFolder, study: Study) -> str:
    """The same of a study's search in a results folder."""
    answering = judged_version(store, f"{study.name}.answer")
    listed = answer_of(store, study.name, reduced=bool(study.reduced))
    return "" if answering is None else missing_line(fresh_seeds(answering, load(store).frames, listed))
