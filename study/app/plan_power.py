"""What so many seeds would decide, and what they cost: `--seeds` as a choice with consequences."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.data.frames import from_records
from analysis.data.load import load
from analysis.statistics import power
from analysis.statistics.looks import FIRST_LOOK_SEEDS
from analysis.text.phrases import with_unit
from study.app.changes_so_far import ChangeSoFar, changes_so_far, so_far_lines
from study.app.seed_spread import Spread, spread_of, spread_samples
from study.execution.progress import rough_range
from study.planning.cost import TRIAL_SECONDS
from study.planning.plan import Plan, plan_trials
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.trials import TrialOnRecord
from trainables.config.plurals import counted

SEED_CHOICES = (5, 10, 20, 40)
DECISION_CHANCE = 0.8
DIFFERENCES_IN_DEVIATIONS = (0.5, 1.0, 2.0, 3.0)


@dataclass(frozen=True)
class SeedChoice:
    """A number of seeds with its consequences."""

    seeds: int
    deviations: float | None
    """The smallest difference that it decides with 80 %, in standard deviations; None below five seeds."""
    seconds: float
    """Of what is to be trained, from start to end."""
    trials: int
    """That are to be trained."""
    span: tuple[float, float] | None = None
    """Of the seconds, where the machine's pace is not known yet."""

    @property
    def time(self) -> str:
        """How long it takes, in words: a range where the pace is not known."""
        return rough_range(*(self.span or (self.seconds, self.seconds)))


@dataclass(frozen=True)
class StudyPower:
    """What seeds would decide in a study."""

    study: str
    places: int
    spread: Spread | None
    choices: tuple[SeedChoice, ...]
    wanted: float | None = None
    """A difference that somebody wants to see, as a share."""
    needed: SeedChoice | None = None
    """That decides it; None: more than 80 seeds, or nothing is known of the spread."""
    gap: Spread | None = None
    """Of the gap, as `spread` is of accuracy."""
    so_far: tuple[ChangeSoFar, ...] = ()
    """Of the gap and of accuracy, the arm that changes it most; nothing where no arm has two pairs."""
    alike: bool = False
    """Whether seeds are on record that tell nothing of a spread, because all of an arm give one number."""


def study_powers(
    plan: Plan,
    checksum: str,
    on_record: Mapping[str, TrialOnRecord],
    store: ResultsFolder | None,
    timed: PlanTimes,
    wanted: float | None = None,
) -> list[StudyPower]:
    """Say what seeds would decide in every study of a plan that compares arms and is not reduced.

    Args:
        plan: whose number of seeds is one of the choices.
        checksum: of its data.
        on_record: what is on record.
        store: the results folder that may tell of the spread.
        timed: how long what is missing takes.
        wanted: a difference that is to be decided, as a share of accuracy.
    """
    frames = load(store).frames if store else from_records([])
    found = []
    for study in plan.studies:
        if len(study.arms) < 2 or study.reduced:
            continue
        places = study.in_family.places
        spread, asked = spread_of(study, frames), len(plan.protocol.seeds)
        numbers = (
            sorted({*SEED_CHOICES, asked}) if len(plan.studies) == 1 and asked <= power.MAX_SEEDS else [min(asked, 80)]
        )
        enough = power.seeds_for(wanted / spread.deviation, places, DECISION_CHANCE) if wanted and spread else None
        whole = _Missing.of(study, plan, checksum, on_record, max(*numbers, enough or 0), timed)
        choices = [whole.choice(seeds, places) for seeds in numbers]
        needed = whole.choice(enough, places) if enough else None
        gap = spread_of(study, frames, gap=True) if spread else None
        so_far = changes_so_far(study, frames) if len(plan.studies) == 1 else ()
        alike = not spread and any(
            len(v) > 1 for values, _, _ in spread_samples(study, frames, gap=False) for v in values
        )
        found.append(StudyPower(study.name, places, spread, tuple(choices), wanted, needed, gap, so_far, alike))
    return found


@dataclass(frozen=True)
class PlanTimes:
    """How long a plan takes: its trials in this machine's times, and all of them from start to end."""

    paced: Callable[[Plan], Plan]
    whole: Callable[[float, float], float]
    """From the seconds of all trials together and of the longest."""
    ends: Callable[[float, float], tuple[float, float]] | None = None
    """Of the range that this is in, from the same; None where the pace is known."""


@dataclass(frozen=True, eq=False)
class _Missing:
    """Which seeds of each configuration of a study are to be trained."""

    lacks: Any
    """[configurations, seeds]: whether it is not on record."""
    seconds: Any
    """[configurations]: of one trial."""
    timed: PlanTimes

    @classmethod
    def of(
        cls,
        study: Study,
        plan: Plan,
        checksum: str,
        on_record: Mapping[str, TrialOnRecord],
        seeds: int,
        timed: PlanTimes,
    ) -> _Missing:
        """Of so many seeds, from 0 on. A configuration is looked at under one of them: all take the same time."""
        if len(plan.studies) > 1 or plan.protocol.arm_seeds:
            one = dataclasses.replace(plan.protocol, seeds=(0,), arm_seeds={})
            plan = plan_trials([study], one, checksum, {}, plan.size)
        seed = plan.protocol.seeds[0]
        trials = [t for t in timed.paced(plan).trials if t.config.seed == seed]
        lacks = np.ones((len(trials), seeds), bool)
        for i, t in enumerate(trials if on_record else ()):
            names = t.config.identities(checksum, range(seeds))
            lacks[i] = [not dataclasses.replace(t, id=name, on_record=on_record.get(name)).done for name in names]
        return cls(lacks, np.array([t.seconds for t in trials]), timed)

    def choice(self, seeds: int, places: int) -> SeedChoice:
        """Of so many seeds: what they would decide, seconds from start to end, and how many trials these are."""
        least = power.smallest_difference(seeds, places, DECISION_CHANCE) if seeds >= FIRST_LOOK_SEEDS else None
        counts = self.lacks[:, :seeds].sum(axis=1)
        longest = float(self.seconds[counts > 0].max(initial=0.0))
        total = float((counts * (TRIAL_SECONDS + self.seconds)).sum())
        seconds = self.timed.whole(total, longest)
        low, high = self.timed.ends(total, longest) if self.timed.ends else (seconds, seconds)
        return SeedChoice(seeds, least, seconds, int(counts.sum()), (low, high) if total and low < high else None)


def power_lines(found: Sequence[StudyPower]) -> list[str]:
    """Write it as text: a table of one study, a line each of several."""
    if not found:
        return []
    said = [f"What seeds would find, with a chance of {100 * DECISION_CHANCE:.0f} %, if seeds vary about normally"]
    if len(found) == 1:
        return [*said, *_one_study(found[0])]
    told = {p.study: f"{p.choices[0].seeds} seeds {_least(p, p.choices[0])}{_wanted(p)}" for p in found}
    if len(set(told.values())) == 1:
        return [*said, f"  each of {len(found)} studies: {told[found[0].study]}"]
    wide = max(map(len, told))
    return said + [f"  {study:{wide}s}  {line}" for study, line in told.items()]


def _one_study(p: StudyPower) -> list[str]:
    """A row a number of seeds: the smallest differences that it finds, and what it costs."""
    heads = ["seeds", *(["accuracy", "gap"] if p.spread else ["difference"]), "train", "time"]
    columns = [[f"{c.seeds}" for c in p.choices]]
    columns += [_differences(p.choices, of) for of in ([p.spread, p.gap] if p.spread else [None])]
    columns += [
        [counted(c.trials, "trial") if c.trials else "nothing" for c in p.choices],
        [c.time if c.seconds else "-" for c in p.choices],
    ]
    widths = [max(map(len, (head, *cells))) for head, cells in zip(heads, columns, strict=True)]
    rows = [heads, *map(list, zip(*columns, strict=True))]
    said = [
        "  " + "  ".join(f"{c:{'<>'[i == 0]}{w}s}" for i, (c, w) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]
    said += [f"  {line}" for line in so_far_lines(p.so_far)]
    few = [c for c in p.choices if c.deviations is None]
    said += [f"  a verdict takes at least {FIRST_LOOK_SEEDS} seeds"] if few else []
    if p.spread is None:
        seeds = [power.seeds_for(d, p.places, DECISION_CHANCE) for d in DIFFERENCES_IN_DEVIATIONS]
        counts = [str(n or f"more than {power.MAX_SEEDS}") for n in seeds]
        first, *others = [f"{n} {{}}find {d:g} SD" for d, n in zip(DIFFERENCES_IN_DEVIATIONS, counts, strict=True)]
        seed_counts = ", ".join([first.format("seeds "), *(text.format("") for text in others)])
        why = "those of an arm give one number" if p.alike else "no arm has two on record"
        said += [f"  how far seeds vary is not known yet: {why}. SD: their standard deviation",
                 f"  {seed_counts}", *_example(p.choices)]  # fmt: skip
    else:
        said.append(f"  seeds vary by {_points(p.spread.deviation)} of accuracy: {p.spread.source}")
        said += _unlike(p.spread)
    return said + [f"  {text}" for text in [_wanted(p).lstrip("; ")] if text]


UNLIKE_FACTOR = 2.0
"""Arms whose seeds vary by so many times as much as another's are not spoken of as if they were alike."""


def _unlike(spread: Spread) -> list[str]:
    """That arms vary unlike each other, so that the table is of none of them; nothing where they are alike."""
    if not spread.by_arm or spread.by_arm[-1] <= UNLIKE_FACTOR * spread.by_arm[0]:
        return []
    low, high = (
        _points(end).removesuffix(" points").removesuffix(" point") for end in (spread.by_arm[0], spread.by_arm[-1])
    )
    return [f"  arms vary unlike each other, by {low} to {high} points: `study decide` gives each claim what it needs"]


EXAMPLE_DEVIATION = 0.005
"""A share; a usual one: half of the chapter's arms have 0.3 to 0.7 points of accuracy."""


def _example(choices: Sequence[SeedChoice]) -> list[str]:
    """What a standard deviation means for a difference in points, where seeds decide one."""
    first = next((c for c in choices if c.deviations is not None), None)
    if first is None or first.deviations is None:
        return []
    least = _points(first.deviations * EXAMPLE_DEVIATION)
    return [f"  an example: if the SD is {_points(EXAMPLE_DEVIATION)}, {first.seeds} seeds find {least} or more"]


def _differences(choices: Sequence[SeedChoice], spread: Spread | None) -> list[str]:
    """The smallest differences that are found, in a column: the unit stands in its first cell that has a number."""
    found = [
        None if c.deviations is None else c.deviations * (100 * spread.deviation if spread else 1) for c in choices
    ]
    known = [x for x in found if x is not None]
    places = 2 if spread and known and max(known) < 1 else 1
    unit = " points" if spread else " SD"
    cells = []
    for value in found:
        if value is None or (spread and value >= 100 * LARGEST_DIFFERENCE):
            cells.append("-" if value is None else "none")
            continue
        cells.append(f"{value:.{places}f}{unit}")
        unit = ""
    return cells


LARGEST_DIFFERENCE = 1.0
"""No two accuracies differ by more, and hardly two gaps."""


def _least(p: StudyPower, c: SeedChoice) -> str:
    if c.deviations is None:
        return f"find nothing: a verdict takes at least {FIRST_LOOK_SEEDS}"
    if p.spread is None:
        return f"find a difference of {c.deviations:.1f} SD or more"
    if c.deviations * p.spread.deviation >= LARGEST_DIFFERENCE:
        return "find no difference that accuracies can have: seeds vary too much"
    return f"find a difference of {_points(c.deviations * p.spread.deviation)} or more"


def _points(share: float) -> str:
    return with_unit(f"{100 * share:.2g}", "points")


def _wanted(p: StudyPower) -> str:
    if p.wanted is None:
        return ""
    if p.spread is None:
        until = "differ" if p.alike else "are on record"
        return f"; {_points(p.wanted)}: unknown, until two seeds of some arm {until}"
    if p.needed is None:
        return f"; {_points(p.wanted)}: more than {power.MAX_SEEDS} seeds"
    cost = p.needed.time if p.needed.seconds else "on record"
    return f"; {_points(p.wanted)}: {p.needed.seeds} seeds, {cost}"


def power_json(found: Sequence[StudyPower]) -> list[object]:
    """Return it as plain data for programs; differences are shares."""
    return [
        {
            "study": p.study, "places": p.places, "chance": DECISION_CHANCE,
            "gap_deviation": p.gap.deviation if p.gap else None,
            "deviation": p.spread.deviation if p.spread else None, "source": p.spread.source if p.spread else None,
            "deviation_by_arm": list(p.spread.by_arm) if p.spread else [],
            "choices": [_choice_json(p, c) for c in p.choices],
            "so_far": [dataclasses.asdict(c) for c in p.so_far],
            "wanted": p.wanted, "needed": _choice_json(p, p.needed) if p.needed else None,
        }
        for p in found
    ]  # fmt: skip


def _choice_json(p: StudyPower, c: SeedChoice) -> dict[str, Any]:
    known = c.deviations is not None and p.spread is not None
    difference = (c.deviations or 0.0) * p.spread.deviation if known and p.spread else None
    return {"seeds": c.seeds, "deviations": c.deviations, "difference": difference,
            "trials": c.trials, "seconds": c.seconds,
            "seconds_low": (c.span or (c.seconds, 0))[0], "seconds_high": (c.span or (0, c.seconds))[1]}  # fmt: skip
