"""A study in one row: its question, its answer in a sentence, its main effect on an axis, its verdict.

The main effect is the one that a package or the study file declares; else the first comparison with the baseline that
the study's claims make; else validation accuracy of the first arm, of many that of the best. It is always the change
against the baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from analysis.claims.queries import Measurements, NotMeasured
from analysis.claims.samples import sample
from analysis.claims.verdicts import Verdict
from analysis.data.arms import arm_frame
from analysis.report import effect_axis as ax
from analysis.report import plain_words as words
from analysis.report.best_arm import MANY_ARMS, BestArm, best_words
from analysis.report.chart_blocks import AnswerGroup, AnswerRow, DrawnEffect, Verdicts
from analysis.report.claimed_side import claimed_of
from analysis.report.first_in_pairs import with_share
from analysis.report.main_effect import MainEffect, effect_of, when_reduced
from analysis.report.on_record import found_in_full, marks_on_record
from analysis.report.page_tree import anchor
from analysis.report.seeds_of_claims import seeds_words
from analysis.report.trial_places import all_trials_anchor, trials_anchor
from analysis.statistics.estimates import Estimate, Refusal
from analysis.text.agreement import agree, with_verb
from analysis.text.columns import scaled
from analysis.text.phrases import UNKNOWN, Unit, bounds_words, first_up, unit
from analysis.text.plain_text import first_sentence
from study.spec.arm_names import full_arm_name
from study.spec.claims import Quantity, own_arm
from study.spec.selection import SELECTED_ON
from study.spec.study import Study
from trainables.config.plurals import counted


@dataclass(frozen=True)
class Headline:
    """What a package says of a study, `more` of it below the row; what it leaves out is the file's, or by rule."""

    group: str = ""
    question: str = ""
    title: str = ""
    effect: MainEffect | None = None
    answer: Callable[[Measurements], str] | None = None
    more: Callable[[Measurements], str] | None = None


NOTHING_TRAINED = "Nothing is trained yet."
"""The answer of a study that has no trial."""
BY_RULE = Headline()  # nothing is said by a package


@dataclass(frozen=True)
class MeasuredEffect:
    """The main effect with its number, before it has an axis."""

    effect: MainEffect
    found: ax.EstimateOnAxis
    unit: Unit
    claimed: str
    trials: str = ""
    """A place in the page."""
    seeds: str = ""
    """Of how many seeds it is, where claims count others too."""


@dataclass(frozen=True)
class StudyInShort:
    """A study in short, before its row has an axis; it travels between processes."""

    row: AnswerRow
    group: str = ""
    measured: MeasuredEffect | None = None
    about: tuple[str, ...] = ()
    """The study's own arms that its answer is about."""


def study_in_short(
    study: Study, measurements: Measurements, verdicts: Sequence[Verdict], headline: Headline
) -> StudyInShort:
    """A study's row; where something is not measured the answer says so, and where it was selected on val too."""
    measurements = replace(measurements, noted=set())
    row = AnswerRow(
        anchor=anchor("answer", study.name),
        study=anchor("study", study.name),
        question=headline.question or first_sentence(study.question) or study.title,
        answer="",
        effect=None,
        verdicts=verdict_marks(verdicts),
        on_record=marks_on_record(verdicts),
        trials=all_trials_anchor(study),
    )
    effect, best = effect_of(study, measurements, headline.effect)
    about = _about(study, effect, best)
    row = replace(row, elsewhere=bool(effect and effect.elsewhere(study)), full=found_in_full(study, verdicts, effect))
    effect = when_reduced(study, measurements, effect) if effect else None
    row = replace(row, answer=_answer(study, measurements, effect, headline, best))
    if effect is None:
        return StudyInShort(row, headline.group, about=about)
    given = {v.verdict for v in verdicts}
    try:
        measured = measure(study, measurements, verdicts, effect)
    except NotMeasured:
        said = claimed_of(study, verdicts, effect)
        row = row.judged(given.pop() if said.verdict == "none" and len(given) == 1 else said.verdict)
        if effect.a.reaches is not None and effect.a != effect.b:
            what = words.before_words(study, effect.a, effect.b, measurements)
            row = with_share(row, measurements, (effect.a, effect.b), said.part, (what, _trials_of(study, effect.a)))
        return StudyInShort(row, headline.group, about=about)
    verdict = "reduced" if given == {"reduced"} else measured.found.verdict
    of = "it" if effect.ratio or effect.a == effect.b else "the change"
    return StudyInShort(row.judged(verdict, measured.claimed, measured.unit.word, of), headline.group, measured, about)


def _about(study: Study, effect: MainEffect | None, best: BestArm | None) -> tuple[str, ...]:
    """The arms of the main effect, those that the study file's answer names, and those that end highest."""
    arms = [q.arm for q in (effect.a, effect.b)] if effect is not None else []
    arms += [*words.arms_in_answer(study.answer), *((best.name, *best.ties) if best is not None else ())]
    return tuple(dict.fromkeys(own for arm in arms if (own := own_arm(study.name, arm)) is not None))


def _trials_of(study: Study, q: Quantity) -> str:
    own = [arm.name for arm in study.arms if full_arm_name(study, arm.name) == q.arm]
    return trials_anchor(study, own[0]) if own else ""


def verdict_marks(verdicts: Sequence[Verdict]) -> Verdicts:
    """The verdicts of a study's claims, as marks that lead to them."""
    return Verdicts(tuple((v.id, v.verdict, anchor("claim", v.study, v.id)) for v in verdicts))


def _answer(
    study: Study, measurements: Measurements, effect: MainEffect | None, headline: Headline, best: BestArm | None
) -> str:
    """The package's answer, else the study's own, else one by rule; a wrong or missing number moves on to the next."""
    tries: list[Callable[[], str]] = []
    if headline.answer is not None:
        said = headline.answer
        tries.append(lambda: said(measurements))
    if study.answer:
        tries.append(lambda: words.filled_answer(study.answer, study, measurements))
    if effect is not None:
        tries.append(lambda: "" if effect.chosen and best else _by_rule(study, measurements, effect))
    reason = "it has one arm" if len(study.arms) == 1 else "nothing was measured"
    for attempt in tries:
        by_rule = effect is not None and attempt is tries[-1]
        measurements.noted.clear()
        try:
            text = attempt()
            text = f"{text.removesuffix('.')}, {SELECTED_ON}." if text and measurements.selected() else text
            text = f"{text} {first_up(so_far)}." if text and (so_far := measurements.so_far()) else text
            named = by_rule and best is not None and (best.arms >= MANY_ARMS or not study.claims)
            ranked = best_words(study, best) if named and best else ""
            return " ".join(filter(None, (ranked, text) if text.startswith(UNKNOWN) else (text, ranked)))
        except NotMeasured as error:
            reason = _in_words(study, str(error))
    if study.arms and arm_frame(measurements.frames, study).empty:
        return NOTHING_TRAINED
    return (_diverged(study, measurements, effect) if effect else "") or f"Not measured yet: {reason}."


def _in_words(study: Study, reason: str) -> str:
    """Why there is no number, with the arms called as sentences call them."""
    for arm in study.arms:
        before, named, rest = reason.partition(f"{study.name}/{arm.name} ")
        reason = before + with_verb(words.arm_name(study, arm.name), rest) if named else reason
    return reason


def _diverged(study: Study, measurements: Measurements, effect: MainEffect) -> str:
    """Which arms of an effect diverged, and where the other one ends; empty where neither did."""
    found = {q.arm: (q, sample(measurements.arms(), q)) for q in (effect.a, effect.b)}
    said, ends = [], []
    for q, one in found.values():
        name = first_up(words.arm_name(study, q.arm, measurements.studies))
        if isinstance(one, Refusal):
            continue
        if one.diverged:
            said.append(f"{name} diverged in {len(one.diverged)} of {counted(len(one.values), 'seed')}.")
        elif one.whole and q.reaches is None and words.places_words(q, q, measurements)[0]:
            ends.append(words.level_by_rule(words.arm_name(study, q.arm, measurements.studies), q, measurements))
        elif one.whole and q.reaches is None:
            level = words.rounded(measurements.estimate(q), unit(q))
            ends.append(f"{name} {agree(name, 'ends')} at {level} {words.metric_name(q).removeprefix('the ')}.")
    return " ".join([*said, *ends]) if said else ""


def _by_rule(study: Study, measurements: Measurements, effect: MainEffect) -> str:
    if effect.a == effect.b:
        return words.level_by_rule(words.arm_name(study, effect.a.arm, measurements.studies), effect.a, measurements)
    if effect.ratio:
        found = measurements.ratio(effect.a, effect.b, loose=True)
        return f"{effect.what or words.metric_name(effect.a)}: {words.times_words(found.value)}."
    return words.answer_by_rule(study, effect.a, effect.b, measurements)


# ------------------------------------------------------------------------------------------------- its number and claim


def measure(
    study: Study, measurements: Measurements, verdicts: Sequence[Verdict], effect: MainEffect
) -> MeasuredEffect:
    """The main effect in figures, with what the study's claims say of it.

    Raises:
        NotMeasured: there is no such number.
    """
    a, b = effect.a, effect.b
    if a == b:
        kind, e = unit(a), measurements.estimate(a)
    elif effect.ratio:
        kind, e = Unit(1.0, "times"), measurements.ratio(a, b, loose=True)
    else:
        kind, e = unit(a, difference=True), measurements.difference(a, b, loose=True)
    in_unit = scaled(e, kind.scale)
    said = claimed_of(study, verdicts, effect)
    shown = bounds_words(said.low, said.high, kind) if said.verdict != "none" else ""
    side = said.scaled(kind.scale)
    what = (effect.what or _what(study, effect, measurements)) + (
        f", {SELECTED_ON}" if effect.chosen or replace(measurements, noted={a, b}).selected() else ""
    )
    number = ax.number_and_interval(in_unit, kind, signed=not effect.ratio and a != b)
    alt = f"{what}: {number[0]} {kind.word}" + (f", 95 % interval {number[1]}" if number[1] else "")
    alt += f". Claimed {shown}{said.remark}: {said.verdict}." if shown else ". Nothing was claimed of it."
    place, bounds = _trials_of(study, a), bounds_words(said.low, said.high, replace(kind, word=""))
    claimed = bounds.replace("-", ax.MINUS) + said.remark if shown else ""
    return MeasuredEffect(
        replace(effect, what=what),
        ax.EstimateOnAxis(in_unit, side.low, side.high, said.verdict, alt, side.decides),
        kind,
        claimed,
        place,
        seeds_words(study, verdicts, (a.arm, b.arm), e.n, measurements.wanted),
    )


def _what(study: Study, effect: MainEffect, measurements: Measurements) -> str:
    arm, base = (words.arm_name(study, q.arm, measurements.studies) for q in (effect.a, effect.b))
    when = "" if effect.a.reaches is not None else words.places_words(effect.a, effect.b, measurements)[0]
    name = words.metric_name(effect.a).removeprefix("the ") + when
    return f"{name}, {arm}" + (f" against {base}" if effect.a != effect.b else "")


# ----------------------------------------------------------------------------------------------------------- the rows


def answer_groups(found: Sequence[StudyInShort]) -> tuple[AnswerGroup, ...]:
    """The rows under their groups, in order; what is in points shares one axis."""
    shared = [f.measured.found for f in found if f.measured and f.measured.unit.word == "points"]
    reach = [x for one in shared for x in one.numbers]
    wide, straight = ax.stretched_axis(reach), ax.linear_axis([*reach, *(-x for x in reach)], count=6)
    columns: dict[Unit, list[Estimate]] = {}
    for f in found:
        if f.measured:
            columns.setdefault(f.measured.unit, []).append(f.measured.found.estimate)
    made: dict[str, list[AnswerRow]] = {}
    for one in found:
        made.setdefault(one.group or _kind_of_rows(found), []).append(_row(one, columns, wide, straight))
    return tuple(AnswerGroup(name, tuple(rows), wide.scale, straight.scale) for name, rows in made.items())


def _kind_of_rows(found: Sequence[StudyInShort]) -> str:
    """What stands above rows that have no group."""
    measured = [f.measured.effect for f in found if f.measured and not f.group]
    if not measured:
        return "In short"
    return "Level" if all(e.a == e.b for e in measured) else "Change against the baseline"


def _row(one: StudyInShort, columns: Mapping[Unit, list[Estimate]], wide: ax.Axis, straight: ax.Axis) -> AnswerRow:
    if one.measured is None:
        return one.row
    m = one.measured
    signed = not m.effect.ratio and m.effect.a != m.effect.b
    number, interval = ax.number_and_interval(m.found.estimate, m.unit, columns[m.unit], signed=signed)
    ends = m.found.deciding and replace(m.found.estimate, low=m.found.deciding[0], high=m.found.deciding[1])
    deciding = ax.number_and_interval(ends, m.unit, columns[m.unit], signed=signed)[1] if ends else ""
    effect = DrawnEffect(
        number, m.unit.word, interval, m.effect.what, trials=m.trials, deciding=deciding, seeds=m.seeds
    )
    if m.unit.word == "points" and signed:
        return replace(one.row, effect=replace(effect, mark=ax.mark(m.found, wide), linear=ax.mark(m.found, straight)))
    own = own_axis(m.found, ratio=m.effect.ratio, change=signed)
    return replace(one.row, effect=replace(effect, mark=ax.mark(m.found, own), scale=own.scale))


def own_axis(found: ax.EstimateOnAxis, *, ratio: bool, change: bool) -> ax.Axis:
    """An axis for one estimate alone."""
    if ratio:
        return ax.logarithmic_axis(found.numbers)
    return ax.linear_axis(found.numbers, zero=0.0 if change else None, count=4, sign=change)
