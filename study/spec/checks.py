"""What is asked of a new study file beyond what a study is: what could never be answered, or means something else.

What lies in a results folder is read as it was accepted, so none of this is asked of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from study.spec.answer_numbers import typed_number_faults
from study.spec.answer_slots import BASELINE, slot_faults
from study.spec.claims import Association, Contrast, Form, Level, Mechanism, Quantity, Trajectory, arms_of, own_arm
from study.spec.domains import Choice, Domain, Float, layers_above, same_value
from study.spec.faults import Fault, Place, closest, shown_value
from study.spec.point import COUNT, WIDTH, Point
from study.spec.points import knob
from study.spec.scheduler_settings import without_effect
from study.spec.search import Search
from study.spec.splits import why_no_verdict
from study.spec.study import TOLD_ELSEWHERE, Study, in_words, places_of_repeats
from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.config.trial_config import KNOBS, TrialConfig, no_such_knob
from trainables.models.parameter_layout import layout
from trainables.records.metrics import METRICS

MAX_SEED = 9_999
"""The last seed that a command may ask for."""
FIRST_LOOK_SEEDS = 5
"""Seeds below which nothing is decided."""
ERROR_LEVEL = 0.05
"""The chance that any decided verdict of a family is wrong.

Both are those of `analysis.statistics.looks`, which this room may not import; they cannot stand here alone, for what
stands there is digested as part of the rule. A test holds them equal.
"""


def faults_of_new(study: Study, beside: Collection[Place] = ()) -> Iterator[Fault]:
    """Every mistake of a study that is new; `beside`: places of its file whose values were wrong and are put aside."""
    yield from _set_elsewhere(study.base, ("base",))
    yield from _base_faults(study)
    if "seed" in study.knobs:
        yield Fault(("knobs", study.knobs.index("seed")), "seed", TOLD_ELSEWHERE["seed"])
    for i, first in places_of_repeats(study.knobs):
        yield Fault(("knobs", i), study.knobs[i], "it stands there twice", first=("knobs", first))
    sound = _sound_arms(study, beside)
    for i, arm in enumerate(study.arms):
        yield from _set_elsewhere(arm.change, ("arms", i, "change"))
        yield from _same_arm(study, i, sound)
        yield from _same_words(study, i)
    if study.search:
        yield from _search_faults(study, study.search)
    yield from slot_faults(study)
    yield from typed_number_faults(study)
    if study.effect:
        if study.effect.arm == study.baseline:
            yield Fault(("effect", "arm"), study.effect.arm, BASELINE)
        effect = Quantity(arm=study.effect.arm, metric=study.effect.metric, at=study.effect.at)
        yield from _quantity_faults(study, effect, ("effect",), (effect.arm, study.baseline))
    for i, claim in enumerate(study.claims):
        if claim.from_seed > (last := MAX_SEED + 1 - FIRST_LOOK_SEEDS):
            why = f"expected 0 to {last}: no seed is above {MAX_SEED}, and a verdict takes {FIRST_LOOK_SEEDS}"
            yield Fault(("claims", i, "from_seed"), claim.from_seed, why)
        for j, part in enumerate(claim.parts):
            for fault in (*_own_name_faults(study, part), *_form_faults(study, part)):
                yield fault.below(("claims", i, "parts", j))


def _own_name_faults(study: Study, form: Form) -> Iterator[Fault]:
    """Arms of the study itself that a claim names with the study, as those of others are named."""
    for name in dict.fromkeys(arms_of(form)):
        if "/" in name and (arm := own_arm(study.name, name)) is not None:
            known = [a.name for a in study.arms]
            why = f"it is an arm of this study: write {arm}"
            if arm not in known:
                why = f"study {study.name} has no such arm; it has {', '.join(known) or 'no arms'}{closest(arm, known)}"
            yield Fault((), name, why)


def _set_elsewhere(given: Point, at: Place) -> Iterator[Fault]:
    for name in TOLD_ELSEWHERE.keys() & set(given):
        yield Fault((*at, name), given[name], TOLD_ELSEWHERE[name])


def _sound_arms(study: Study, beside: Collection[Place]) -> frozenset[int]:
    """The arms that are as their file means them: of the others nobody knows whether two are alike."""
    if any(at[:1] == ("base",) for at in beside) or TOLD_ELSEWHERE.keys() & set(study.base):
        return frozenset()
    wrong = {at[1] for at in beside if at[:1] == ("arms",) and len(at) > 1}
    wrong |= {i for i, arm in enumerate(study.arms) if TOLD_ELSEWHERE.keys() & set(arm.change)}
    return frozenset(i for i in range(len(study.arms)) if i not in wrong)


def _same_arm(study: Study, i: int, sound: Collection[int]) -> Iterator[Fault]:
    """An arm whose configuration an arm before it has: its trials are copies, and no seed would tell the two apart."""
    mine = _config(study, study.arms[i].name) if i in sound else None
    for arm in (study.arms[j] for j in range(i) if mine is not None and j in sound):
        if _config(study, arm.name) == mine:
            why = f"it is arm {arm.name} again, the same in every knob: change a knob, or leave it out"
            yield Fault(("arms", i), None, why, absent=True)
            return


def _same_words(study: Study, i: int) -> Iterator[Fault]:
    """An arm that a sentence would call as it calls an arm before it."""
    mine, before = study.arms[i], study.arms[:i]
    said = in_words(mine)
    if (other := next((a for a in before if in_words(a) == said and (a.say or mine.say)), None)) is None:
        return
    why = f"arm {other.name} is called so too; each arm has words of its own in sentences"
    yield Fault(("arms", i, "say"), mine.say, why) if mine.say else Fault(("arms", i, "name"), mine.name, why)


def _base_faults(study: Study) -> Iterator[Fault]:
    """Values of `base` that its knob does not take, where no arm uses them: each arm has its own, or a search has."""
    for name in study.base:
        if name in KNOBS and name not in TOLD_ELSEWHERE and all(name in arm.change for arm in study.arms):
            accepts, expected = KNOBS[name].metadata["check"]
            if not accepts(study.base[name]):
                yield Fault(("base", name), study.base[name], expected)
        elif name not in KNOBS and not study.arms:
            yield Fault(("base", name), None, no_such_knob(name), absent=True)


# ------------------------------------------------------------------------------------------------------------ searches


def _search_faults(study: Study, search: Search) -> Iterator[Fault]:
    for name, domain in search.space.items():
        at: Place = ("search", "space", name)
        if knob(name) in study.base:
            yield Fault(at, None, "base fixes it as well: leave it out of base, or out of space", absent=True)
        if knob(name) in KNOBS and knob(name) not in study.knobs:
            yield Fault(at, None, f"the search varies it, so {knob(name)} belongs in knobs", absent=True)
        if isinstance(domain, Choice):
            values = domain.values
            if any(same_value(a, b) for i, a in enumerate(values) for b in values[:i]):
                yield Fault((*at, "values"), list(values), "expected each value once; 1 and 1.0 are the same")
        yield from _not_of_the_knob(name, domain, at)
    if search.scheduler.name != "none" and search.scheduler.grace > study.epochs:
        why = f"expected at most the study's epochs, {study.epochs}"
        yield Fault(("search", "scheduler", "grace"), search.scheduler.grace, why)
    for name, why in without_effect(search.scheduler).items():
        yield Fault(("search", "scheduler", name), getattr(search.scheduler, name), why)
    if search.grid_points != Search.grid_points and search.searcher != "grid":
        why = f"it has no effect: grid alone takes it, and the searcher is {search.searcher}"
        yield Fault(("search", "grid_points"), search.grid_points, why)
    yield from _when_faults(search)
    if why := search.why_not_warm():
        yield Fault(("search", "warm_start"), list(search.warm_start), why)
    yield from _beat_faults(search)


def _when_faults(search: Search) -> Iterator[Fault]:
    """Values in a condition that the knob which it names never has."""
    for name, domain in search.space.items():
        layer = WIDTH.fullmatch(name)
        for other, allowed in domain.when.items():
            if layer and other == COUNT and allowed == layers_above(int(layer[1])):
                continue  # nobody wrote it
            there = search.space[other]
            values = there.values if isinstance(there, Choice) else ()
            known = _range(there.low, there.high) if not isinstance(there, Choice) else ""
            known = known or f"one of {', '.join(map(shown_value, values))}"
            for i, value in enumerate(allowed):
                if not there.holds(value):
                    why = f"{other} is never that; it is {known}{closest(value, map(str, values))}"
                    yield Fault(("search", "space", name, "when", other, i), value, why)


def _beat_faults(search: Search) -> Iterator[Fault]:
    objective = METRICS[search.objectives[0]]
    if search.beat is not None and not objective.low <= search.beat <= objective.high:
        share = objective.high == 1 and 0 < search.beat <= 100
        hint = f"; it is a share of 1, so {search.beat:g} % is {search.beat / 100:g}" if share else ""
        why = f"{objective.name} lies in {_range(objective.low, objective.high)}{hint}"
        yield Fault(("search", "beat"), search.beat, why)


def _not_of_the_knob(name: str, domain: Domain, at: Place) -> Iterator[Fault]:
    """Values and ends of a range that the knob does not take."""
    if name not in KNOBS:
        return
    accepts, expected = KNOBS[name].metadata["check"]
    if isinstance(domain, Choice):
        found = [((*at, "values", i), v) for i, v in enumerate(domain.values)]
    elif isinstance(domain, Float) and accepts(2) and not accepts(2.0):
        yield Fault((*at, "kind"), "float", f"{name}: {expected}; write kind: int")
        return
    else:
        found = [((*at, "low"), domain.low), ((*at, "high"), domain.high)]
    yield from (Fault(where, value, f"{name}: {expected}") for where, value in found if not accepts(value))


def _range(low: float, high: float) -> str:
    return f"{low:g} to {high:g}" if high < math.inf else f"{low:g} and above"


# -------------------------------------------------------------------------------------------------------------- claims


def _form_faults(study: Study, form: Form) -> Iterator[Fault]:
    match form:
        case Level():
            yield from _quantity_faults(study, form.quantity, ("quantity",), (form.quantity.arm,))
            yield from _bounds_that_hold_anyway(form, form.quantity.range)
            yield from _no_share_of_first_epochs(form.share, form.quantity)
        case Contrast():
            yield from _contrast_faults(study, form)
        case Association():
            yield from _association_faults(study, form)
        case Mechanism() | Trajectory():
            yield from _mechanism_faults(study, form)


def _no_share_of_first_epochs(share: float | None, quantity: Quantity) -> Iterator[Fault]:
    if share is not None and quantity.reaches is not None:
        yield Fault(
            ("share",), share, "first epochs are judged by more than half of seeds, whatever is asked: leave it out"
        )


def _contrast_faults(study: Study, form: Contrast) -> Iterator[Fault]:
    yield from _split_faults(study, (form.a.arm, form.b.arm), ("b", "arm"), form.b.arm)
    for name, quantity in (("a", form.a), ("b", form.b)):
        yield from _quantity_faults(study, quantity, (name,), (quantity.arm,))
    if form.a == form.b:
        yield Fault(("b",), None, "it is the very number that a is: name another arm, metric or epoch", absent=True)
    yield from _bounds_that_hold_anyway(form, form.range)
    yield from _epoch_faults(study, form)
    if (form.a.reaches is None) != (form.b.reaches is None):
        yield Fault(("b", "reaches"), form.b.reaches, "a first epoch is compared with another first epoch only")
    elif form.ratio and form.a.reaches is not None:
        yield Fault(("ratio",), True, "first epochs are compared by their difference: leave it out")
    yield from _no_share_of_first_epochs(form.share, form.a)
    for i, name in enumerate(form.differ):
        if name not in KNOBS:
            yield Fault(("differ", i), name, f"there is no such knob{closest(name, KNOBS)}")


def _association_faults(study: Study, form: Association) -> Iterator[Fault]:
    yield from _split_faults(study, form.arms, ("arms",), list(form.arms))
    for name, quantity in (("x", form.x), ("y", form.y)):
        yield from _quantity_faults(study, quantity, (name,), form.arms)
    sides = [(q, arm) for q in (form.x, form.y) for arm in form.arms]
    yield from _unequal_epochs(study, sides, ("y", "at"), form.y.at)
    if form.low != 0:
        yield Fault(("low",), form.low, "an association is judged against 0: leave it out")
    if form.seeds_at < FIRST_LOOK_SEEDS:
        why = f"a verdict takes at least {FIRST_LOOK_SEEDS} seeds, so its one look cannot come earlier"
        yield Fault(("seeds_at",), form.seeds_at, why)
    places = study.in_family.places
    if 1 / math.factorial(len(form.arms)) > ERROR_LEVEL / places:
        needed = next(n for n in range(2, 100) if 1 / math.factorial(n) <= ERROR_LEVEL / places)
        why = f"so few arms can decide nothing in a family of {counted(places, 'place')}: {needed} arms would do"
        yield Fault(("arms",), list(form.arms), why)


def _bounds_that_hold_anyway(form: Level | Contrast, within: tuple[float, float]) -> Iterator[Fault]:
    """Bounds that leave out no value at all: whatever is measured, it would be supported."""
    low = -math.inf if form.low is None else form.low
    high = math.inf if form.high is None else form.high
    if low <= within[0] and within[1] <= high:
        name, bound = ("low", form.low) if form.low is not None else ("high", form.high)
        yield Fault((name,), bound, f"every value lies in {_range(*within)}, so it says nothing: give a bound within")
    elif isinstance(form, Contrast) and form.ratio and form.low is not None and form.low <= within[0]:
        yield Fault(("low",), form.low, "no such ratio is below 0, so it says nothing beside high: leave it out")


def _unequal_epochs(study: Study, sides: Sequence[tuple[Quantity, str]], at: Place, given: Any) -> Iterator[Fault]:
    """Numbers of one comparison that are of different epochs: it would never be judged."""
    configs = [(q, c) for q, arm in sides if (c := _config(study, arm)) is not None]
    places = sorted({q.at if isinstance(q.at, int) else c.epochs for q, c in configs})
    if len(places) > 1:
        said = " and ".join(map(str, places))
        yield Fault(at, given, f"the numbers are of epochs {said}, and compared are numbers of equal epochs: name one")


def _epoch_faults(study: Study, form: Contrast) -> Iterator[Fault]:
    """Two arms after different epochs: they are not compared unless the claim says that this is meant."""
    configs = [_config(study, q.arm) for q in (form.a, form.b)]
    places = [q.at if isinstance(q.at, int) else c.epochs for q, c in zip((form.a, form.b), configs, strict=True) if c]
    if len(set(places)) == 2 and not form.unequal_epochs:
        why = f"a is after epoch {places[0]} and b after {places[1]}: write one epoch, or unequal_epochs: true"
        yield Fault(("b", "at"), form.b.at, why)


def _split_faults(study: Study, arms: Sequence[str], at: Place, given: Any) -> Iterator[Fault]:
    if why := why_no_verdict(c for arm in arms if (c := _config(study, arm)) is not None):
        yield Fault(at, given, why)


def _mechanism_faults(study: Study, form: Mechanism | Trajectory) -> Iterator[Fault]:
    config = _config(study, form.arm)
    if config is None:
        return
    if isinstance(form, Mechanism) and form.rule == "plateau" and config.schedule != "plateau":
        yield Fault(("arm",), form.arm, f"its schedule is {config.schedule}, so nothing is cut at a plateau")
    if isinstance(form, Trajectory) and config.epochs < 2:
        yield Fault(("arm",), form.arm, f"it has {config.epochs} epoch, so nothing {form.direction} there")


def _quantity_faults(study: Study, quantity: Quantity, at: Place, arms: tuple[str, ...]) -> Iterator[Fault]:
    configs = {name: c for name in arms if (c := _config(study, name)) is not None}
    for name, config in configs.items():
        if isinstance(quantity.at, int) and quantity.at > config.epochs:
            yield Fault((*at, "at"), quantity.at, f"arm {name} has {counted(config.epochs, 'epoch')}")
        if quantity.tensor and quantity.tensor not in (known := _tensors(config)):
            why = f"arm {name} has no such tensor; it has {', '.join(known)}{closest(quantity.tensor, known)}"
            yield Fault((*at, "tensor"), quantity.tensor, why)
    if quantity.reaches is not None:
        if quantity.tensor:
            yield Fault((*at, "reaches"), quantity.reaches, "a tensor is summarised at few epochs; leave it out")
        elif not METRICS[quantity.metric].low <= quantity.reaches <= METRICS[quantity.metric].high:
            metric = METRICS[quantity.metric]
            yield Fault((*at, "reaches"), quantity.reaches, f"{metric.name} lies in {_range(metric.low, metric.high)}")
        if quantity.at != "last":
            yield Fault((*at, "at"), quantity.at, "with reaches it has no effect; leave one of them out")


def _config(study: Study, arm: str) -> TrialConfig | None:
    """The configuration of an arm of this study; None of another's, which may not be at hand."""
    if (name := own_arm(study.name, arm)) is None:
        return None
    try:
        return study.config(name)
    except BadInput:
        return None


def _tensors(config: TrialConfig) -> list[str]:
    """Names of the tensors that are summarised: parameters, values before and after each activation."""
    slots, _ = layout(config, 1, 2)
    inside = [f"{letter}{i + 1}" for i in range(len(config.hidden)) for letter in ("Z", "A")]
    return [slot.name for slot in slots] + inside
