"""What a study's claims say of one number: the claimed side, the interval that decides, the verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.claims.judged_part import JudgedPart
from analysis.claims.plain_sentences import share_words
from analysis.claims.verdicts import Verdict
from analysis.claims.words import DECIDED
from analysis.report.main_effect import MainEffect
from analysis.text.phrases import SHARE, Unit, bounds_words, unit
from study.spec.arm_names import full_arm_name
from study.spec.claims import Contrast, Level, Quantity
from study.spec.study import Study


@dataclass(frozen=True)
class Claimed:
    """What a study's claims say of a comparison, in its natural unit and in its direction."""

    verdict: str = "none"
    low: float | None = None
    high: float | None = None
    decides: tuple[float, float] | None = None
    """The wider interval that a verdict rests on."""
    remark: str = ""
    """Where the verdict is that of this part alone."""
    part: JudgedPart | None = None

    def scaled(self, factor: float) -> Claimed:
        """The same in the unit that is shown: its numbers times a factor.

        >>> one = Claimed("open", 0.5, None, (-0.25, 0.75)).scaled(100.0)
        >>> one.low, one.high, one.decides
        (50.0, None, (-25.0, 75.0))
        """
        low, high = (None if x is None else x * factor for x in (self.low, self.high))
        wide = (self.decides[0] * factor, self.decides[1] * factor) if self.decides else None
        return replace(self, low=low, high=high, decides=wide)

    def words(self, kind: Unit) -> str:
        """What is claimed; empty where nothing is."""
        return "" if self.verdict == "none" else bounds_words(self.low, self.high, kind) + self.remark


def claimed_of_effects(
    study: Study, verdicts: Sequence[Verdict], effects: pd.DataFrame
) -> dict[tuple[str, str], Claimed]:
    """By arm and metric what the claims say of just this arm, metric and epoch against the baseline.

    Of those of `analysis.tables.effects` that have a number. Forest and stills draw it.
    """
    found = {}
    for row in effects.to_dict("records"):
        if row["refused"] or not math.isfinite(row["estimate"]):
            continue
        arm, metric, epoch = str(row["arm"]), str(row["metric"]), int(row["epoch"])
        mine, base = (Quantity(arm=full_arm_name(study, a), metric=metric, at=epoch) for a in (arm, study.baseline))
        found[arm, metric] = claimed_of(study, verdicts, MainEffect(mine, base))
    return found


def with_claimed(study: Study, verdicts: Sequence[Verdict], effects: pd.DataFrame) -> pd.DataFrame:
    """Effects with what is claimed of each, as `analysis.figures.effects` draws it; empty where nothing is."""
    said, metrics = claimed_of_effects(study, verdicts, effects), effects["metric"].astype(str)
    cells = [said.get(key, Claimed()) for key in zip(effects["arm"].astype(str), metrics, strict=True)]
    units = [unit(Quantity(arm=study.baseline, metric=m), difference=True) for m in metrics]
    return effects.assign(
        verdict=["" if c.verdict == "none" else c.verdict for c in cells],
        claimed=[c.words(kind) for c, kind in zip(cells, units, strict=True)],
        claimed_low=[math.nan if c.low is None else c.low for c in cells],
        claimed_high=[math.nan if c.high is None else c.high for c in cells],
        decides_low=[c.decides[0] if c.decides else math.nan for c in cells],
        decides_high=[c.decides[1] if c.decides else math.nan for c in cells],
    )


def claimed_of(study: Study, verdicts: Sequence[Verdict], effect: MainEffect) -> Claimed:
    """What the first claim says that speaks of just this comparison, in either direction, or of just this level.

    One about its mean goes before one about a share of seeds.
    """
    judged = {v.id: v for v in verdicts}
    parts = [
        (part, judged[claim.id].parts[i], judged[claim.id])
        for claim in study.claims
        if claim.id in judged
        for i, part in enumerate(claim.parts)
        if isinstance(part, Level | Contrast)
    ]
    parts.sort(key=lambda found: found[0].share is not None)
    return next(filter(None, (_claimed(study, effect, *found) for found in parts)), Claimed())


def _claimed(
    study: Study, effect: MainEffect, part: Level | Contrast, mine: JudgedPart, verdict: Verdict
) -> Claimed | None:
    """What a part of a claim says of an effect; None where it speaks of another one."""
    a, b, ratio = (
        (part.quantity, part.quantity, effect.ratio) if isinstance(part, Level) else (part.a, part.b, part.ratio)
    )
    found, wanted = ([_place_of(study, q) for q in pair] for pair in ((a, b), (effect.a, effect.b)))
    turned = found != wanted
    if ratio != effect.ratio or (turned and (ratio or found[::-1] != wanted)):
        return None
    # What is judged by a share of seeds has no place on an axis of the number itself.
    wide = (mine.decides.low, mine.decides.high) if mine.decides and mine.unit != SHARE else None
    alone = verdict.verdict == "open" and mine.verdict in DECIDED  # the claim is open for another part
    word: str = mine.verdict if alone or verdict.verdict == "refuted" else verdict.verdict
    remark = f", {share_words(part.share)}" if part.share is not None else ""
    remark += f", 1 of {len(verdict.parts)} parts" if alone else ""
    if not turned:
        return Claimed(word, part.low, part.high, wide, remark, mine)
    low, high = (None if x is None else 0.0 - x for x in (part.high, part.low))
    return Claimed(word, low, high, (-wide[1], -wide[0]) if wide else None, remark, mine)


def _place_of(study: Study, q: Quantity) -> tuple[object, ...]:
    """What a quantity is of, however it is written."""
    arm = full_arm_name(study, q.arm)
    own = arm.rpartition("/")[2] if arm.startswith(study.name + "/") else ""
    at = study.config(own).epochs if q.at == "last" and own in {x.name for x in study.arms} else q.at
    return (arm, q.metric, at, q.tensor, q.reaches)
