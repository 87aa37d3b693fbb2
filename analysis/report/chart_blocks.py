"""What is drawn in the page itself, as plain values: effects on an axis, rows of answers, forests, curves.

Places on an axis are numbers from 0 to 1. No markup lives here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from analysis.claims.words import VERDICTS
from analysis.text.phrases import SPREAD_UNKNOWN, UNKNOWN


@dataclass(frozen=True)
class Scale:
    """The ticks of an axis: places from 0 to 1, with what is written there."""

    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Mark:
    """An estimate on an axis, all as places from 0 to 1."""

    value: float
    verdict: str
    """How the point looks; "none" where nothing was claimed."""
    alt: str
    interval: tuple[float, float] | None = None
    deciding: tuple[float, float] | None = None
    """The wider interval that a verdict rests on."""
    claimed: tuple[float, float] | None = None
    """The claimed side."""
    bounds: tuple[float, ...] = ()
    zero: float | None = None
    """No change."""
    grid: tuple[float, ...] = ()


@dataclass(frozen=True)
class DrawnEffect:
    """An estimate in figures, on an axis, and where its trials are."""

    number: str
    unit: str = ""
    interval: str = ""
    what: str = ""
    mark: Mark | None = None
    linear: Mark | None = None
    """The same on the linear axis, where the reader may choose."""
    scale: Scale | None = None
    """An axis of its own, where the group's does not fit."""
    trials: str = ""
    """A place in the page."""
    deciding: str = ""
    """The ends of the wider interval that a verdict rests on."""
    seeds: str = ""
    """Of how many seeds it is, where that has to be said."""


@dataclass(frozen=True)
class Verdicts:
    """The verdicts of a study's claims: id, verdict, place in the page."""

    items: tuple[tuple[str, str, str], ...] = ()

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """Each verdict that there is, and how many claims have it, in the order of all verdicts.

        >>> Verdicts((("a", "open", ""), ("b", "supported", ""), ("c", "open", ""))).counts
        (('supported', 1), ('open', 2))
        """
        there = [verdict for _, verdict, _ in self.items]
        return tuple((v, there.count(v)) for v in VERDICTS if v in there)


NO_VERDICTS = Verdicts()
UNSURE = (UNKNOWN, SPREAD_UNKNOWN, "Neither ")
"""So begin answers that claim no more than an open verdict."""
UNDECIDED = "The seeds have not decided it."


@dataclass(frozen=True)
class FoundInFull:
    """What a package has published of a study's full run."""

    answer: str = ""
    """In a sentence."""
    number: str = ""
    """The main effect, with its unit, interval and epoch."""


NOTHING_IN_FULL = FoundInFull()


@dataclass(frozen=True)
class AnswerRow:
    """A study in short: what was asked, the answer in a sentence or two, its main effect and its verdict."""

    anchor: str
    study: str
    """Where the study is."""
    question: str
    answer: str
    effect: DrawnEffect | None
    verdict: str = "none"
    claimed: str = ""
    verdicts: Verdicts = NO_VERDICTS
    on_record: Verdicts = NO_VERDICTS
    """Of a reduced run: the verdicts at full protocol that a package has published."""
    full: FoundInFull = NOTHING_IN_FULL
    """Of a reduced run: what was found in full."""
    elsewhere: bool = False
    """Whether its change is against another arm than the study's baseline, which is then named."""
    trials: str = ""
    """Where the table of all trials is."""

    def judged(self, verdict: str, claimed: str = "", unit: str = "", of: str = "it") -> AnswerRow:
        """The row with a verdict; an answer that sounds sure beside an open one says that seeds have not decided it.

        The answer goes by the 95 % interval, a verdict by the chance that any of a study's is wrong. Where a bound
        other than 0 was claimed, what is open is whether that is reached: the answer may be clear, and the claim more.
        """
        unsure = verdict == "open" and self.answer and not self.answer.startswith(UNSURE)
        reached = re.fullmatch(r"(above|below) [^,]*[1-9][^,]*", claimed)
        undecided = f"The seeds have not decided whether {of} is {claimed} {unit}." if reached else UNDECIDED
        answer = f"{self.answer} {undecided}" if unsure else self.answer
        return replace(self, verdict=verdict, claimed=claimed, answer=answer)

    @property
    def deciding(self) -> str:
        """The interval that leaves the verdict open: beside the 95 % interval alone it would seem decided."""
        return self.effect.deciding if self.effect is not None and self.verdict == "open" else ""

    @property
    def of_other_numbers(self) -> tuple[tuple[str, int], ...]:
        """How many of the study's claims have which verdict, where none of them is of the number that stands here."""
        return self.verdicts.counts if self.verdict == "none" and not self.on_record.items else ()


@dataclass(frozen=True)
class AnswerGroup:
    """Rows that share an axis, stretched or linear."""

    title: str
    rows: tuple[AnswerRow, ...]
    stretched: Scale
    linear: Scale


@dataclass(frozen=True)
class Surprise:
    """What went otherwise than was claimed, in a headline and a sentence."""

    title: str
    text: str
    verdict: str
    target: str
    link: str
    trials: str = ""
    """Where the trials behind it stand."""
    numbers: tuple[tuple[str, str], ...] = ()
    """Of the numbers in the text, in its order, each with the place of its trials."""


@dataclass(frozen=True)
class SurpriseWords:
    """How a surprise is told, where its claim is refuted or open."""

    title: str
    text: str
    numbers: tuple[tuple[str, str], ...] = ()
    """Of the numbers in the text, in its order, each with the place of its trials."""
    link: str = ""
    """What its link says; if not given, the claim's id."""


@dataclass(frozen=True)
class Surprises:
    """Shows surprises beside each other."""

    items: tuple[Surprise, ...]


@dataclass(frozen=True)
class CurveArm:
    """An arm in the table beside its curves: the values of its last epoch."""

    name: str
    label: str
    colour: int
    """Its place among all arms of the study, the baseline first: the same in every chart, whatever has epochs yet."""
    shown: bool
    training: str
    validation: str
    trials: str = ""
    """Where its trials are."""


@dataclass(frozen=True)
class CurveChart:
    """Curves over epochs, drawn by the page's script from `data`; the table beside them needs no script."""

    anchor: str
    title: str
    note: str
    arms: tuple[CurveArm, ...]
    epochs: int
    data: str = field(repr=False)
    """JSON; see `analysis.report.curve_chart`."""
    measures: tuple[str, ...] = ()
    """What the reader may choose to see."""
    csv: tuple[tuple[str, str], ...] = ()
    """File names without an ending, each with what is in it."""


@dataclass(frozen=True)
class ForestRow:
    """An arm against the baseline, a cell a panel; a cell without an effect says why."""

    arm: str
    colour: int
    cells: tuple[DrawnEffect | str, ...]


@dataclass(frozen=True)
class Forest:
    """Arms against the baseline, panels beside each other."""

    anchor: str
    title: str
    note: str
    panels: tuple[tuple[str, Scale], ...]
    rows: tuple[ForestRow, ...]
    csv: tuple[tuple[str, str], ...] = ()
    """File names without an ending, and what is in them."""


@dataclass(frozen=True)
class KnobPoint:
    """An arm at the value of its knob: places from 0 to 1, from the left and from the top."""

    x: float
    y: float | None
    """None where its seeds diverged: it has no number."""
    said: str
    """What a screen reader says, and what shows under the pointer."""
    trials: str
    interval: tuple[float, float] | None = None
    """From the top: where it begins and where it ends."""
    number: str = ""
    """Written above it; empty where there is no room."""
    baseline: bool = False


@dataclass(frozen=True)
class KnobChart:
    """A knob on the horizontal axis, the study's main metric on the vertical one."""

    anchor: str
    outcome: str
    """What is measured, with its place on the curves."""
    note: str
    knob: str
    unit: str
    x: Scale
    y: Scale
    """From the top."""
    points: tuple[KnobPoint, ...]
    csv: tuple[tuple[str, str], ...] = ()
    """File names without an ending, and what is in them."""

    @property
    def title(self) -> str:
        """What is set against what."""
        return f"{self.outcome}, by {self.knob}"

    @property
    def lines(self) -> tuple[tuple[KnobPoint, ...], ...]:
        """The points that lines join: from one number to the next, and over no arm without one."""
        runs: list[list[KnobPoint]] = [[]]
        for point in self.points:
            if point.y is None:
                runs.append([])
            else:
                runs[-1].append(point)
        return tuple(tuple(run) for run in runs if len(run) > 1)


@dataclass(frozen=True)
class Histogram:
    """A tensor of an arm: bins of equal width between two places, each with its height from 0 to 1."""

    left: float
    right: float
    heights: tuple[float, ...]
    zero: float | None
    """The place of 0, where it is within the axis."""
    low: str
    high: str
    """The smallest and the largest value."""
    width: str


@dataclass(frozen=True)
class Histograms:
    """Small multiples: a row a tensor, a column an arm; a cell that cannot be drawn says why."""

    title: str
    note: str
    arms: tuple[tuple[str, int, str], ...]
    """Label, colour, and where the trials are."""
    rows: tuple[tuple[str, tuple[Histogram | str, ...]], ...]
    csv: str
    """File name without an ending."""


@dataclass(frozen=True)
class RangeRow:
    """Where the values of a tensor of an arm lie."""

    arm: str
    colour: int
    places: tuple[float, ...]
    """Smallest, largest; 0.1 % and 99.9 %; 5 % and 95 %; median. Empty where they are not finite."""
    said: str
    trials: str


@dataclass(frozen=True)
class RangePanel:
    """A tensor with all arms on one axis."""

    tensor: str
    scale: Scale
    rows: tuple[RangeRow, ...]


@dataclass(frozen=True)
class Ranges:
    """A panel a tensor."""

    title: str
    note: str
    panels: tuple[RangePanel, ...]
    csv: str
    """File name without an ending."""
