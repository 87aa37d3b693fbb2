"""Studies to distinct trials, longest first: what is already on record, what is to be trained, and what that costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from study.planning.cost import TRIAL_SECONDS, expected_seconds
from study.planning.protocol import Protocol
from study.spec import domains
from study.spec.answer_slots import slot_quantities
from study.spec.claims import Quantity, Trajectory
from study.spec.selection import quantities_selected
from study.spec.study import Study
from study.storage.asked_seeds import with_shared
from study.storage.trials import TrialOnRecord
from trainables.config.trial_config import TrialConfig
from trainables.records.metrics import OF_TEST
from trainables.training.gpu_memory import DataSize


@dataclass(frozen=True)
class PlannedTrial:
    """A distinct trial: who asks for it, and what is on record of it."""

    id: str
    config: TrialConfig
    """With the most epochs that anybody asks for, and the trial's seed."""
    wanted_by: tuple[str, ...]
    """STUDY/ARM names."""
    on_record: TrialOnRecord | None
    seconds: float
    """Expected of all its epochs, on one core: `expected_seconds`."""
    test: bool = False
    """Whether the test part is to be measured after its last epoch."""
    test_after: tuple[int, ...] = ()
    """The last epochs of the arms that it is measured for, and those that claims name: a shorter arm shares a longer
    one's trial.
    """
    best_within: tuple[int, ...] = ()
    """Of those among them for which it is measured after the best epoch too."""

    @property
    def done(self) -> bool:
        """Whether what is on record serves: long enough, or ended by divergence."""
        return _serves(self.on_record, self.config.epochs)


@dataclass(frozen=True)
class Plan:
    """All distinct trials of some studies, longest first."""

    studies: tuple[Study, ...]
    protocol: Protocol
    trials: tuple[PlannedTrial, ...]
    epochs_asked: int
    """Summed over every arm of every study and its seeds, as if nothing were shared."""
    size: DataSize
    """Of the data set that all of them train on."""

    @property
    def epochs_distinct(self) -> int:
        """How many epochs all distinct trials have, on record or not."""
        return sum(t.config.epochs for t in self.trials)

    @cached_property
    def missing(self) -> tuple[PlannedTrial, ...]:
        """What is to be trained, longest first."""
        return tuple(t for t in self.trials if not t.done)

    @property
    def epochs_to_train(self) -> int:
        """How many epochs the missing trials have, as if none had a checkpoint."""
        return sum(t.config.epochs for t in self.missing)

    @property
    def seconds_to_train(self) -> float:
        """Expected for the missing trials, one after the other on one core, as if none had a checkpoint."""
        return sum(TRIAL_SECONDS + t.seconds for t in self.missing)

    @property
    def device(self) -> str:
        """`cuda` where any trial needs it, be it asked for on the command line or in a study."""
        return "cuda" if any(device_of(s) == "cuda" for s in self.studies) else "cpu"


def device_of(study: Study) -> str:
    """`cuda` where any arm, or any point of the search, trains there."""
    used = {study.config(a.name).device for a in study.arms} | {study.base.get("device", "cpu")}
    if study.search and isinstance(space := study.search.space.get("device"), domains.Choice):
        used |= set(space.values)
    return "cuda" if "cuda" in used else "cpu"


def tested_arms(study: Study) -> frozenset[str]:
    """The arms of a study whose claims, or whose answer, speak of the test part."""
    return _of_study(study, {q.arm for q, _ in _of_test(study)})


def arms_tested_at_best(study: Study) -> frozenset[str]:
    """Return the arms of a study whose claims speak of the test part after the best epoch."""
    return _of_study(study, {q.arm for q, _ in _of_test(study) if q.at == "best"})


def epochs_tested(study: Study) -> dict[str, set[int]]:
    """By arm, the epochs before the last after which claims speak of the test part; all of them for a whole curve."""
    found: dict[str, set[int]] = {}
    for quantity, whole in _of_test(study):
        for arm in _of_study(study, {quantity.arm}):
            last = study.config(arm).epochs
            curve = whole or quantity.reaches is not None or quantity.at == "mean"
            at = 1 if quantity.at == "fall" else quantity.at
            found.setdefault(arm, set()).update(e for e in range(1, last) if curve or e == at)
    return found


def _of_test(study: Study) -> Iterator[tuple[Quantity, bool]]:
    """The numbers of the test part that claims and the answer speak of, each with whether it is a whole curve."""
    for form in (form for claim in study.claims for form in claim.parts):
        yield from ((q, isinstance(form, Trajectory)) for q in quantities_selected(form) if q.metric in OF_TEST)
    yield from ((q, False) for q in slot_quantities(study) if q.metric in OF_TEST)


def _of_study(study: Study, names: Collection[str]) -> frozenset[str]:
    return frozenset(arm.removeprefix(f"{study.name}/") for arm in names) & {a.name for a in study.arms}


def plan_trials(
    studies: Sequence[Study],
    protocol: Protocol,
    data_checksum: str,
    on_record: Mapping[str, TrialOnRecord],
    size: DataSize,
    tested: Callable[[Study], Collection[str]] = tested_arms,
) -> Plan:
    """Plan some studies: one configuration named by several is one trial, and its longest run serves the shorter.

    Where the protocol asks seeds of some arms only, these pairs of arm and seed are all that is planned.
    `tested`: the arms of a study that are measured on the test part.
    """
    ready = tuple(protocol.study(s) for s in studies)
    chosen: dict[str, TrialConfig] = {}
    wanted: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    asked, test, best = 0, defaultdict[str, set[int]](set), defaultdict[str, set[int]](set)
    tests, bests = ({s.name: of(s) for s in ready} for of in (tested, arms_tested_at_best))
    early = {s.name: epochs_tested(s) for s in ready}
    for study in ready:
        for arm in study.arms:
            plain = study.config(arm.name)
            seeds = [s for s in protocol.seeds_of(study.name, arm.name) if s in protocol.seeds]
            long = expected_seconds(plain, size)
            for seed, trial in zip(seeds, plain.identities(data_checksum, seeds), strict=True):
                config = plain.replace(seed=seed)
                asked += config.epochs
                if trial not in chosen or config.epochs > chosen[trial].epochs:
                    chosen[trial], seconds[trial] = config, long
                if arm.name in tests[study.name] or protocol.tests_all:
                    test[trial] |= {config.epochs, *early[study.name].get(arm.name, ())}
                if arm.name in bests[study.name]:
                    best[trial].add(config.epochs)
                wanted.setdefault(trial, []).append(f"{study.name}/{arm.name}")
    trials = [
        PlannedTrial(t, c, tuple(dict.fromkeys(wanted[t])), on_record.get(t), seconds[t], t in test,
                     tuple(sorted(test.get(t, ()))), tuple(sorted(best.get(t, ()))))
        for t, c in chosen.items()
    ]  # fmt: skip
    return Plan(ready, protocol, tuple(_side_by_side(ready, trials)), asked, size)


def with_shared_seeds(
    study: Study,
    asked: Mapping[str, tuple[int, ...]],
    data_checksum: str,
    on_record: Mapping[str, TrialOnRecord],
) -> dict[str, tuple[int, ...]]:
    """The seeds asked of each arm of a study, and of those asked of its other arms what is on record of it.

    Args:
        study: as its protocol has it.
        asked: by `STUDY/ARM`.
        data_checksum: of what it is trained on.
        on_record: by trial.
    """
    every = tuple(sorted({seed for seeds in asked.values() for seed in seeds}))
    done = {}
    for name in asked:
        config = study.config(name.rpartition("/")[2])
        trials = zip(every, config.identities(data_checksum, every), strict=True)
        done[name] = {seed for seed, trial in trials if _serves(on_record.get(trial), config.epochs)}
    return with_shared(asked, done)


def _serves(on_record: TrialOnRecord | None, epochs: int) -> bool:
    """Whether what is on record of a trial is long enough, or ended by divergence."""
    return on_record is not None and (on_record.status == "diverged" or on_record.epochs >= epochs)


def of_all_seeds(
    made: Plan,
    studies: Sequence[Study],
    asked: Mapping[str, tuple[int, ...]],
    data_checksum: str,
    on_record: Mapping[str, TrialOnRecord],
) -> Plan:
    """A plan of the same studies over all seeds of their arms: see `with_shared_seeds`. asked: by `STUDY/ARM`."""
    every = tuple(sorted({s for seeds in asked.values() for s in seeds}))
    shown: dict[str, tuple[int, ...]] = {}
    for study in map(made.protocol.study, studies):
        own = {name: asked[name] for arm in study.arms if (name := f"{study.name}/{arm.name}") in asked}
        shown |= with_shared_seeds(study, own, data_checksum, on_record)
    protocol = replace(made.protocol, seeds=every, arm_seeds=shown)
    return plan_trials(studies, protocol, data_checksum, on_record, made.size)


def with_those_on_record(made: Plan, whole: Plan) -> Plan:
    """A plan that trains the same, and beside that has the trials on record of another over more seeds.

    So an arm can be shown over all its seeds while some of them are trained.
    """
    mine = {t.id for t in made.trials}
    more = tuple(t for t in whole.trials if t.done and t.id not in mine)
    seeds = defaultdict[str, set[int]](set)
    for t in (*made.trials, *more):
        for arm in t.wanted_by:
            seeds[arm].add(t.config.seed)
    protocol = replace(whole.protocol, arm_seeds={arm: tuple(sorted(of)) for arm, of in seeds.items()})
    return replace(made, protocol=protocol, trials=(*made.trials, *more))


SIMILAR_SHARE = 0.5
"""Trials of equally many epochs that take at least this share of the longest one's time count as equally long."""


def _side_by_side(studies: Sequence[Study], trials: Sequence[PlannedTrial]) -> list[PlannedTrial]:
    """Longest first; among trials of equal length seed 0 of every arm before seed 1, and within a seed the baseline
    just before the longest arm: so two cores have a first pair after their first trials.
    """
    longest: dict[int, float] = {}
    rounds = defaultdict[tuple[float, int, int], list[PlannedTrial]](list)
    for t in sorted(trials, key=lambda t: (-t.seconds, t.id)):
        epochs = t.config.epochs
        if t.seconds < SIMILAR_SHARE * longest.setdefault(epochs, t.seconds):
            longest[epochs] = t.seconds
        rounds[-longest[epochs], -epochs, t.config.seed].append(t)
    baselines = {s.name: f"{s.name}/{s.baseline}" for s in studies if s.arms}
    return [t for key in sorted(rounds) for t in _baseline_before_arms(rounds[key], baselines)]


def _baseline_before_arms(of_a_seed: Sequence[PlannedTrial], baselines: Mapping[str, str]) -> Iterable[PlannedTrial]:
    """The same trials in the same order, but that an arm comes after the baseline of one of its studies."""
    by_arm = {arm: t for t in of_a_seed for arm in t.wanted_by}
    ordered: dict[str, PlannedTrial] = {}
    for t in of_a_seed:
        names = [baselines[arm.partition("/")[0]] for arm in t.wanted_by]
        of_them = [by_arm[name] for name in names if name in by_arm]
        if of_them and not any(b.id == t.id or b.id in ordered for b in of_them):
            ordered[of_them[0].id] = of_them[0]
        ordered[t.id] = t
    return ordered.values()
