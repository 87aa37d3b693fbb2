"""Whole studies drawn at random, with claims of which it is known whether they are true: what `verdicts` judges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.statistics.looks import Floats

SEEDS = 80
"""Of every study, looked at from the fifth on after each."""
Distribution = Literal["normal", "uniform", "student3", "lognormal", "coarse", "collapse20", "collapse50", "steady"]
CHAPTER = (1, 1, 2, 3, 4, 8)
"""Parts of the six claims of a study."""


@dataclass(frozen=True)
class SimulatedClaim:
    """One claim in many studies at once: values [studies, parts, seeds]; each part says that its mean is above 0.

    Infinite and NaN as in `analysis.statistics`.
    """

    values: Floats
    closed: bool
    """A value on the bound meets the claim: a level; else a contrast."""
    true: bool


@dataclass(frozen=True)
class Case:
    """A kind of study, its family's places, and how it is drawn: (generator, studies) to claims."""

    name: str
    places: int
    draw: Callable[[np.random.Generator, int], list[SimulatedClaim]]
    meaning: str
    assumed: bool = True
    """Whether seeds vary about normally, so that 5 % is promised."""


def noise(rng: np.random.Generator, shape: tuple[int, ...], kind: Distribution) -> Floats:
    """Numbers with mean 0 and, but for `steady`, standard deviation 1."""
    match kind:
        case "normal":
            return rng.standard_normal(shape)
        case "uniform":
            return np.asarray(rng.uniform(-np.sqrt(3), np.sqrt(3), shape))
        case "student3":
            return np.asarray(rng.standard_t(3, shape) / np.sqrt(3))
        case "lognormal":
            return np.asarray((np.exp(rng.standard_normal(shape)) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e))
        case "coarse":  # a metric that can take few values: about three within a standard deviation each way
            return np.asarray(np.round(3 * rng.standard_normal(shape)) / 3)
        case "steady":  # what collapse20 is without its collapses; its deviation is smaller
            return np.asarray(rng.standard_normal(shape) / np.sqrt(17))
        case "collapse20" | "collapse50":
            share = 0.2 if kind == "collapse20" else 0.5
            fallen = rng.random(shape) < share
            x = rng.standard_normal(shape) - 10.0 * (fallen - share)
            return np.asarray(x / np.sqrt(1 + 100 * share * (1 - share)))


def claim(
    rng: np.random.Generator,
    studies: int,
    parts: int,
    *,
    true: bool,
    kind: Distribution = "normal",
    other: Distribution | None = None,
    tied: float = 0.0,
    margin: float = 1.0,
    flip: bool = False,
) -> SimulatedClaim:
    """A claim as hard to judge rightly as can be.

    A true one is of levels that all lie on their bounds; a false one of differences of which one lies on its bound and
    the others `margin` standard deviations on the claimed side. tied: correlation of neighbouring parts, negative for
    opposite signs. other: what the second arm of a difference is like, if not like the first. flip: it says "below" of
    what was drawn.
    """
    shape = (studies, parts, SEEDS)
    x = noise(rng, shape, kind)
    if not true:
        x = (x - noise(rng, shape, other or kind)) / np.sqrt(2)
    if tied:
        common = rng.standard_normal((studies, 1, SEEDS))
        signs = np.where(np.arange(parts) % 2 == 0, 1.0, np.sign(tied))[:, None]
        x = np.sqrt(1 - abs(tied)) * x + np.sqrt(abs(tied)) * signs * common
    x = -x if flip else x
    if not true:
        x[:, 1:] += margin
    return SimulatedClaim(x, closed=true, true=true)


def study(
    parts: Sequence[int],
    kind: Distribution = "normal",
    tied: float = 0.0,
    margin: float = 1.0,
    true: Literal["all", "none", "some"] = "some",
    other: Distribution | None = None,
) -> Callable[[np.random.Generator, int], list[SimulatedClaim]]:
    """Claims of so many parts each, true and false ones by turns, every other pair saying "below"."""

    def draw(rng: np.random.Generator, studies: int) -> list[SimulatedClaim]:
        return [
            claim(
                rng,
                studies,
                number,
                true=true == "all" or (true == "some" and i % 2 == 1),
                kind=kind,
                other=other,
                tied=tied,
                margin=margin,
                flip=i % 4 >= 2,
            )
            for i, number in enumerate(parts)
        ]

    return draw


def opposite(rng: np.random.Generator, studies: int) -> list[SimulatedClaim]:
    """Six claims on three equal arms: a > b, b > a, b > c, c > b, a > c, c > a; all false."""
    a, b, c = rng.standard_normal((3, studies, 1, SEEDS))
    pairs = ((a, b), (b, a), (b, c), (c, b), (a, c), (c, a))
    return [SimulatedClaim(x - y, closed=False, true=False) for x, y in pairs]


def two_that_share(rng: np.random.Generator, studies: int) -> list[SimulatedClaim]:
    """Two claims that share a noisy arm: a > b, false, and a at least at c, true, all three equal."""
    a, b, c = np.array([1.0, 0.4, 0.4])[:, None, None, None] * rng.standard_normal((3, studies, 1, SEEDS))
    return [SimulatedClaim(a - b, closed=False, true=False), SimulatedClaim(a - c, closed=True, true=True)]


def clear_and_not(rng: np.random.Generator, studies: int) -> list[SimulatedClaim]:
    """Three claims clear by one to three standard deviations, true or false, and three on their bounds."""
    clear = [noise(rng, (studies, 2, SEEDS), "normal") + shift for shift in (1.0, 2.0, -3.0)]
    told = [SimulatedClaim(x, closed=False, true=bool(i < 2)) for i, x in enumerate(clear)]
    return [*told, *study((1, 4, 8))(rng, studies)]


def diverging(share: float, margin: float) -> Callable[[np.random.Generator, int], list[SimulatedClaim]]:
    """Six claims "a > b" of arms that diverge in a share of seeds, and else are `margin` deviations of a - b ahead."""

    def draw(rng: np.random.Generator, studies: int) -> list[SimulatedClaim]:
        from scipy import stats

        drawn = []
        for _ in range(6):
            x = rng.standard_normal((studies, 1, SEEDS)) + margin
            x = np.where(rng.random(x.shape) < share, -np.inf, x)
            ahead = (1 - share) * float(stats.norm.cdf(margin))
            drawn.append(SimulatedClaim(x, closed=False, true=ahead > 0.5 + 1e-9))
        return drawn

    return draw


CASES = (
    Case("claims-on-bounds", 6, study(CHAPTER), "six claims of 1, 1, 2, 3, 4 and 8 parts on their bounds"),
    Case("all-true", 6, study(CHAPTER, true="all"), "the same, all true: every part of every claim on its bound"),
    Case("all-false", 6, study(CHAPTER, true="none"), "the same, all false: one part of each on its bound"),
    Case("parts-12", 6, study((12,) * 6), "six claims of 12 parts"),
    Case("correlated", 6, study(CHAPTER, tied=0.8), "parts correlated by 0.8"),
    Case("correlated-opposite", 6, study(CHAPTER, tied=-0.8), "parts correlated by 0.8 and -0.8 by turns"),
    Case("opposite-signs", 6, opposite, "a > b, b > a, b > c, c > b, a > c, c > a of three equal arms"),
    Case("shared-arm", 2, two_that_share, "a > b and a at least at c, of three equal arms, two places"),
    Case("clear-and-not", 6, clear_and_not, "three claims that are clear, true or false, and three on their bounds"),
    Case("family-60", 60, study((1, 2, 3, 4) * 9 + (8, 12)), "38 claims of 1 to 12 parts, 60 places"),
    Case("family-60-full", 60, study((1,) * 60), "60 claims of one part, 60 places"),
    Case("uniform", 6, study(CHAPTER, "uniform"), "uniform seeds", assumed=False),
    Case("student-3", 6, study(CHAPTER, "student3"), "seeds of Student's t with 3 degrees of freedom", assumed=False),
    Case("lognormal", 6, study(CHAPTER, "lognormal"), "lognormal seeds (sigma 1)", assumed=False),
    Case(
        "lognormal-differences",
        6,
        study(CHAPTER, "lognormal", true="none"),
        "differences of two arms with lognormal seeds (sigma 1)",
        assumed=False,
    ),
    Case(
        "collapse-differences",
        6,
        study(CHAPTER, "collapse20", true="none"),
        "differences of two arms of which a fifth of runs each is 10 deviations worse",
        assumed=False,
    ),
    Case(
        "collapse-of-one-arm",
        6,
        study(CHAPTER, "collapse20", true="none", other="steady"),
        "differences of two arms, a fifth of the runs of one of them 10 deviations worse",
        assumed=False,
    ),
    Case("coarse", 6, study(CHAPTER, "coarse"), "a metric of few values, a third of a deviation apart", assumed=False),
    Case("collapse-a-fifth", 6, study(CHAPTER, "collapse20"), "a fifth of runs 10 deviations worse", assumed=False),
    Case("collapse-half", 6, study(CHAPTER, "collapse50"), "half of runs 10 deviations worse", assumed=False),
    Case(
        "diverge-a-fifth",
        6,
        diverging(0.2, 0.3186),
        "a fifth of a's runs diverge, a is ahead in exactly half of seeds",
        assumed=False,
    ),
    Case(
        "diverge-most",
        6,
        diverging(0.55, 3.0),
        "55 % of a's runs diverge, the others are 3 deviations ahead; claimed a > b",
        assumed=False,
    ),
)
