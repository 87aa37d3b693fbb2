"""A claim's `Quantity` as numbers: one a seed, with the trials that they come from. What is made of them is not here.

A sample takes every seed's trial of the arm. It is refused where a seed is missing, stopped early or failed; a diverged
trial stays: its curve goes on at the worst value of the metric, which is infinite, up to the epochs asked for.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd

from analysis.claims.arm_rows import ArmRows
from analysis.claims.curve_values import curve_value, tensor_metric
from analysis.claims.machines import elsewhere
from analysis.data import frames as fr
from analysis.data.arms import Asked, arm_frame, asked_of, asked_rows
from analysis.statistics.estimates import Refusal
from analysis.text.agreement import with_verb
from analysis.text.arm_names import called
from study.planning.seeds import seeds_named
from study.spec.claims import Quantity
from study.spec.study import Study
from trainables.config.errors import BadInput
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.data.facts import DataFacts
from trainables.records.kept_times import kinds_within
from trainables.records.metrics import METRICS, OF_TEST, TIMES


@dataclass(frozen=True)
class Sample:
    """One number a seed."""

    values: Mapping[int, float]
    trials: tuple[str, ...]
    config: TrialConfig
    place: int
    """The epoch that the number is of; for a number of the whole curve, the last."""
    diverged: frozenset[int] = frozenset()
    hosts: Mapping[int, str] = field(default_factory=dict)
    """For measured times: the kind of processor of each seed, by host name where that is not known."""
    elsewhere: frozenset[int] = frozenset()
    """The seeds that were left out of a comparison in pairs, for their times are of another kind of machine."""

    def only(self, seeds: Collection[int]) -> Sample:
        """Return the sample of these seeds alone."""
        values = {s: v for s, v in self.values.items() if s in seeds}
        hosts = {s: kind for s, kind in self.hosts.items() if s in seeds}
        trials = tuple(t for s, t in zip(self.values, self.trials, strict=True) if s in seeds)
        return replace(self, values=values, trials=trials, hosts=hosts, diverged=self.diverged & set(seeds))

    @property
    def whole(self) -> bool:
        """Whether every value is an ordinary number."""
        return all(math.isfinite(v) for v in self.values.values())


@dataclass(frozen=True)
class ArmReader:
    """The trials of every arm that a study's claims name, read once."""

    study: Study
    studies: Mapping[str, Study]
    frames: fr.Frames
    asked: Asked = field(default_factory=dict)
    """The seeds that an arm must have, and no others count; if not given, those that it has."""
    data: Mapping[str, DataFacts] = field(default_factory=dict)
    """What is known of data sets, by checksum."""
    _cache: dict[str, ArmRows] = field(default_factory=dict, repr=False)
    _lacking: dict[str, Refusal | None] = field(default_factory=dict, repr=False)
    samples: dict[Quantity, Sample | Refusal] = field(default_factory=dict, repr=False, compare=False)
    """What `sample` has read."""

    def config(self, name: str) -> TrialConfig | Refusal:
        """The configuration of an arm, `ARM` or `STUDY/ARM`."""
        found = self._find(name)
        return found if isinstance(found, Refusal) else found[0].config(found[1])

    def called(self, name: str) -> str:
        """How a sentence calls an arm, `ARM` or `STUDY/ARM`: in its study's words, else by its name."""
        found = self._find(name)
        return called("" if isinstance(found, Refusal) else found[0].arm(found[1]).say, name)

    def lacks_words(self, names: Sequence[str], what: str) -> str:
        """That arms have no such trial: "dropout and the plain network have no trial of seed 3"."""
        called = [self.called(name) for name in names]
        return with_verb(called[0], f"has no {what}") if len(called) == 1 else f"{' and '.join(called)} have no {what}"

    def reduced(self, name: str) -> bool:
        """Whether an arm runs fewer epochs or images than its study declares."""
        found = self._find(name)
        return not isinstance(found, Refusal) and found[0].is_reduced(found[1])

    def rows(self, name: str) -> ArmRows | Refusal:
        """The trials of an arm, cut at its epochs; refused unless every seed ran to its end or diverged."""
        found = self._find(name)
        if isinstance(found, Refusal):
            return found
        rows = self.on_record(name)
        if isinstance(rows, Refusal):
            return rows
        if name not in self._lacking:
            self._lacking[name] = _incomplete(
                self.called(name), rows.trials, asked_of(self.asked, found[0].name, found[1])
            )
        return self._lacking[name] or rows

    def on_record(self, name: str) -> ArmRows | Refusal:
        """The trials of an arm, cut at its epochs, however they ended."""
        found = self._find(name)
        if isinstance(found, Refusal):
            return found
        if name not in self._cache:
            study, arm = found
            seeds = asked_of(self.asked, study.name, arm)
            key = (study.name, arm, study.config(arm), study.is_reduced(arm), seeds)
            if key not in self.frames.rows:  # claims, tables and answers of a page each have a reader of their own
                self.frames.rows[key] = self._read(study, arm)
            self._cache[name] = self.frames.rows[key]
        return self._cache[name]

    def study_of(self, name: str) -> Study | Refusal:
        """The study that an arm belongs to."""
        found = self._find(name)
        return found if isinstance(found, Refusal) else found[0]

    def asked_of(self, name: str) -> tuple[int, ...] | None:
        """The seeds asked of an arm; None where nothing says."""
        found = self._find(name)
        return None if isinstance(found, Refusal) else asked_of(self.asked, found[0].name, found[1])

    def test_examples(self, name: str) -> int | None:
        """How many examples an arm's test part has, where that is the data's own validation part and is known."""
        config = self.config(name)
        facts = None if isinstance(config, Refusal) or not config.held_out else self.facts(name)
        return facts.val_images if facts else None

    def facts(self, name: str) -> DataFacts | None:
        """What is known of the data of an arm's trials; None where nothing is, or where they are of several."""
        rows = self.on_record(name)
        if isinstance(rows, Refusal):
            return None
        checksums = set(self.frames.trials.loc[self.frames.trials["trial"].isin(rows.trials["trial"]), "data_checksum"])
        return self.data.get(checksums.pop()) if len(checksums) == 1 else None

    def on_other_data(self, quantities: Collection[Quantity]) -> Refusal | None:
        """Why numbers may not be taken together: they are of different data of one name, of different test parts, or
        of different versions of the training code.
        """
        of_test = any(q.metric in OF_TEST for q in quantities)
        if not of_test and all(len(kinds) == 1 for kinds in self.frames.versions.values()):
            return None
        asked = {q.arm: self.on_record(q.arm) for q in quantities}
        ids = {t for of in asked.values() if not isinstance(of, Refusal) for t in of.trials["trial"]}
        if of_test and len({self.frames.tested_on.get(t, "") for t in ids} - {""}) > 1:
            return Refusal("splits", "the trials were measured on different test parts of their data")
        trials = self.frames.trials[self.frames.trials["trial"].isin(ids)]
        if trials["code_version"].nunique() > 1:
            return Refusal("splits", "the arms were trained by different versions of the training code")
        names = [str(name) for name, of in trials.groupby("data")["data_checksum"] if of.nunique() > 1]
        return Refusal("splits", f"the arms were trained on different data called {names[0]}") if names else None

    def _read(self, study: Study, arm: str) -> ArmRows:
        trials = asked_rows(arm_frame(self.frames, study, [arm]), self.asked, study.name)
        epochs, ids = study.config(arm).epochs, [str(t) for t in trials["trial"]]
        if first := self.frames.timed.keys() & set(ids):  # the kind of machine is asked for times alone
            own = zip(ids, trials["cpu"], trials["host"], strict=True)
            kinds = [kinds_within(self.frames.timed[t], c or h, epochs) if t in first else c for t, c, h in own]
            trials = trials.assign(cpu=kinds)
        curves = {t: of for t in ids if (of := self.frames.curves(t, epochs))}
        ended = [t for t, status in zip(ids, trials["status"], strict=True) if status == "finished"]
        whole = [t for t in ended if t in self.frames.correct and self.frames.lengths[t] == epochs]
        read_tensors = partial(self.frames.summaries, ids, epochs)
        return ArmRows(trials, curves, read_tensors, {t: self.frames.correct[t] for t in whole})

    def _find(self, name: str) -> tuple[Study, str] | Refusal:
        owner, _, arm = name.rpartition("/")
        study = self.studies.get(owner) if owner else self.study
        if study is None:
            return Refusal("missing", f"there is no study {owner} here, so no arm {name}")
        try:
            study.config(arm)
        except BadInput as error:
            return Refusal("missing", f"there is no arm {name} ({error})")
        return study, arm


def _incomplete(name: str, trials: pd.DataFrame, seeds: Sequence[int] | None) -> Refusal | None:
    """Why an arm cannot be used, if it cannot: no trials, a seed without one, or one that ended early.

    `name`: how a sentence calls it.
    """
    if trials.empty:
        return Refusal("missing", with_verb(name, "has no trials"))
    absent = sorted(set(seeds or ()) - set(trials["seed"]))
    if absent:
        return Refusal("seeds", with_verb(name, f"has no trial of {seeds_named(absent)}"))
    for status, words in (("failed", "failed"), ("stopped", "ended early")):
        rows = trials[trials["status"] == status]
        if len(rows):
            done = _list(sorted(set(rows["epochs_done"])))
            asked = counted(int(rows["epochs"].iloc[0]), "epoch")
            return Refusal(
                "failed" if status == "failed" else "stopped",
                f"{seeds_named(rows['seed'])} of {name} {words} (after {done} of {asked})",
            )
    return None


def sample(arms: ArmReader, quantity: Quantity) -> Sample | Refusal:
    """The quantity's value for every seed of its arm."""
    if quantity not in arms.samples:
        arms.samples[quantity] = _sample(arms, quantity)
    return arms.samples[quantity]


def _sample(arms: ArmReader, quantity: Quantity) -> Sample | Refusal:
    config = arms.config(quantity.arm)
    if isinstance(config, Refusal):
        return config
    rows = arms.on_other_data([quantity]) or arms.rows(quantity.arm)
    if isinstance(rows, Refusal):
        return rows
    place = quantity.at if isinstance(quantity.at, int) else config.epochs
    if place > config.epochs:
        return not_reached(arms, quantity, config.epochs)
    needed = needed_by(quantity)
    for row in rows.each:
        if (refused := lacks(arms, quantity.arm, row.seed, row.trial, of_status(needed, row.status))) is not None:
            return refused
    values = _tensor_values(rows, quantity, place) if quantity.tensor else _curve_values(rows, quantity, config.epochs)
    if isinstance(values, Refusal):
        return values
    diverged = frozenset(row.seed for row in rows.each if row.status == "diverged")
    odd = sorted(s for s, v in values.items() if not math.isfinite(v) and s not in diverged)
    if odd and quantity.metric in OF_TEST:
        said = f"was not evaluated on the test part for {seeds_named(odd)}"
        return Refusal("missing", with_verb(arms.called(quantity.arm), said))
    if odd:
        return Refusal(
            "not-finite", f"{quantity.metric} of {arms.called(quantity.arm)} is not a number for {seeds_named(odd)}"
        )
    hosts = {r.seed: r.cpu or r.host for r in rows.each} if quantity.metric in TIMES else {}
    return Sample(values, tuple(row.trial for row in rows.each), config, place, diverged, hosts)


def not_reached(arms: ArmReader, quantity: Quantity, epochs: int) -> Refusal:
    """Why an arm that trains so many epochs has no number of a later one."""
    said = f"trains {counted(epochs, 'epoch')} here, and not {quantity.at}"
    return Refusal("not-reached", with_verb(arms.called(quantity.arm), said))


def needed_by(quantity: Quantity) -> tuple[str, ...]:
    """The recorded metrics that a quantity is made of; none of a tensor's."""
    if quantity.tensor:
        return ()
    names = (quantity.metric, *(("val_accuracy",) if quantity.at == "best" else ()))
    return tuple(dict.fromkeys(part for n in names for part in (METRICS[n].derived_from or (n,))))


ENDED_EARLY = ("diverged", "failed")
"""How a trial ends that counts as worst."""


def of_status(metrics: Sequence[str], status: str) -> Sequence[str]:
    """Those of some metrics that a record holds that ended so: what was lost was never measured on the test part."""
    return [name for name in metrics if status not in ENDED_EARLY or name not in OF_TEST]


def lacks(arms: ArmReader, arm: str, seed: int, trial: str, metrics: Sequence[str]) -> Refusal | None:
    """What a trial's record does not hold of these metrics; None where it holds them all."""
    absent = [METRICS[n].label for n in metrics if n in arms.frames.lacking.get(trial, ())]
    if not absent:
        return None
    record = f"the record of seed {seed} of {arms.called(arm)}"
    text = f"{record} lacks the {' and the '.join(absent)}; the next run trains it again"
    return Refusal("no-metric", text)


def in_pairs(arms: ArmReader, a: Quantity, b: Quantity) -> tuple[Sample, Sample] | Refusal:
    """Two quantities to be compared in pairs by seed: where their arms were asked other seeds, over those of both; of
    measured times, those of one kind of machine.
    """
    x, y = sample(arms, a), sample(arms, b)
    for side in (x, y):
        if isinstance(side, Refusal):
            return side
    assert isinstance(x, Sample) and isinstance(y, Sample)
    both = x.values.keys() & y.values.keys()
    if arms.asked_of(a.arm) != arms.asked_of(b.arm):
        if not both:
            return Refusal("seeds", f"{arms.called(a.arm)} and {arms.called(b.arm)} have no seed in common")
        x, y = x.only(both), y.only(both)
    other = elsewhere(sorted(both), x.hosts, y.hosts)
    if not other:
        return x, y
    if other.keys() == both:
        return next(iter(other.values()))
    x, y = (replace(side.only(side.values.keys() - other), elsewhere=frozenset(other)) for side in (x, y))
    return x, y


def _curve_values(rows: ArmRows, quantity: Quantity, epochs: int) -> dict[int, float]:
    return {r.seed: curve_value(rows.curves.get(r.trial, {}), quantity, epochs, r.status) for r in rows.each}


def _tensor_values(rows: ArmRows, quantity: Quantity, place: int) -> dict[int, float] | Refusal:
    values: dict[int, float] = {}
    for row in rows.each:
        summary = rows.tensors.get((row.trial, place, str(quantity.tensor)))
        if summary is None and row.status != "diverged":
            known = any(name == quantity.tensor for _, _, name in rows.tensors)
            where = f"summary of {quantity.tensor} at epoch {place} for seed {row.seed}" if known else quantity.tensor
            text = f"{quantity.arm} has no {where}"
            return Refusal("no-tensor", text)
        values[row.seed] = math.nan if summary is None else tensor_metric(quantity.metric, *summary)
    return values


def _list(values: Iterable[object]) -> str:
    return ", ".join(str(v) for v in values)


def differing(a: TrialConfig, b: TrialConfig, differ: Sequence[str]) -> Refusal | None:
    """Whether two arms differ in other knobs than those that are compared."""
    knobs = set(a.differing(b)) - {"epochs", "seed"} - set(differ)
    if not knobs:
        return None
    named = ", ".join(sorted(knobs))
    return Refusal("knobs", f"the arms differ in {named} besides what is compared ({', '.join(differ) or 'nothing'})")


def comparable(a: Sample, b: Sample, differ: Sequence[str], *, unequal_epochs: bool = False) -> Refusal | None:
    """Why two samples may not be compared in pairs, or None: other knobs, other epochs, other seeds."""
    unlike = differing(a.config, b.config, differ)
    if unlike is not None:
        return unlike
    if a.place != b.place and not unequal_epochs:
        return Refusal("epochs", f"the epochs differ ({a.place} and {b.place})")
    if set(a.values) != set(b.values):
        odd = ", ".join(map(str, sorted(set(a.values) ^ set(b.values))))
        return Refusal("seeds", f"the seeds do not match (only one side has {odd})")
    return None
