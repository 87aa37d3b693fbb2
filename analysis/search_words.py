"""What a search found, in sentences and numbers: how it went, which knobs mattered, and the answer under fresh seeds.

`sentences` is about one part; `answer` reads the study that retrained the best. Both are plain values for a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.search import Searched
from analysis.stats import Estimate, Refusal, mean_interval, paired
from study.search_spec import OBJECTIVES
from study.spec import Study
from study.store import Store
from trainables.means import mean_curves


@dataclass(frozen=True)
class Retrained:
    """One of the best, trained anew under seeds that the search never saw."""

    arm: str
    knobs: str
    estimate: Estimate
    """Of the objective after the last epoch."""
    behind: Estimate | Refusal | None
    """The first arm minus this one, in pairs by seed; None for the first."""


def sentences(found: Searched) -> list[str]:
    """How one part of a search went."""
    part, frame = found.part, found.proposals
    search = part.search
    counts = frame["state"].value_counts()
    spent = int(frame["epochs"].sum())
    all_of_them = len(frame) * part.epochs
    said = [
        f"{len(frame)} configurations were proposed by {search.searcher}, each with {search.seeds} "
        f"seed{'s' if search.seeds > 1 else ''}: {counts.get('whole', 0)} were trained to the end "
        f"({part.epochs} epochs), "
        f"{counts.get('paused', 0)} were stopped early by {search.scheduler.name}, {counts.get('diverged', 0)} diverged"
        + (f", {counts['failed']} failed" if "failed" in counts else "")
        + f". {spent:,} epochs a seed were trained, {spent / max(all_of_them, 1):.0%} of all to the end."
    ]
    said += _importance(found)
    for name, end in found.edges.items():
        said.append(
            f"The best lies at the {end} end of the range of {name}: something better may lie beyond, so widen it and "
            "run again; what is on record is not trained again."
        )
    return said


def _importance(found: Searched) -> list[str]:
    table = found.importances
    if table.empty:
        return ["Too few were trained to the end to say which knobs mattered."]
    first = table.iloc[0]
    tied = list(table.loc[table["tied"], "name"])
    said = (
        f"Most important among those trained to the end: {first['name']} "
        f"({first['importance']:.2f} of the variance, {first['low']:.2f} to {first['high']:.2f})"
    )
    return [said + (f"; not to be told apart from it: {', '.join(tied)}." if tied else ".")]


def answer(store: Store, study: str) -> list[Retrained]:
    """The best of a study's search, retrained, the search's first leading; empty where there is no answer yet."""
    frozen = store.frozen(f"{study}.answer")
    if not frozen:
        return []
    source = store.frozen(study)
    objective = source[-1].search.objectives[0] if source and source[-1].search else "val_accuracy"
    values = _values(store, frozen[-1], objective)
    if not values or any(not v for v in values.values()):
        return []
    arms = [a.name for a in frozen[-1].arms]
    leader = values[arms[0]]
    return [
        Retrained(
            arm,
            ", ".join(f"{k} {v}" for k, v in frozen[-1].arm(arm).change.items()),
            mean_interval(list(values[arm].values())),
            paired(leader, values[arm]) if arm != arms[0] else None,
        )
        for arm in arms
    ]


def _values(store: Store, study: Study, objective: str) -> dict[str, dict[int, float]]:
    """By arm and seed: the objective after the last epoch of finished trials."""
    configs = {a.name: study.config(a.name) for a in study.arms}
    found: dict[str, dict[int, float]] = {name: {} for name in configs}
    for record in store.records():
        for name, config in configs.items():
            if record.status == "finished" and record.config.replace(seed=0) == config and record.config.seed >= FRESH:
                found[name][record.config.seed] = mean_curves([record.epochs], config.epochs)[objective][-1]
    return found


FRESH = 1000
"""Seeds of an answer begin here; see `study.seeking`."""


def answer_sentences(retrained: Sequence[Retrained], objective: str = "val_accuracy") -> list[str]:
    """The answer in words."""
    share = objective in ("val_accuracy", "train_accuracy", "accuracy_gap")
    factor, unit = (100, " %") if share else (1, "")
    points = " points" if share else ""
    said = []
    for r in retrained:
        e = r.estimate
        text = (
            f"{r.arm}: {factor * e.value:.2f}{unit} ({factor * e.low:.2f} to {factor * e.high:.2f}, {e.n} fresh seeds)"
        )
        if isinstance(r.behind, Estimate):
            d = r.behind
            real = d.low > 0 or d.high < 0
            better = (d.value > 0) == (OBJECTIVES.get(objective) == "higher")
            text += (
                f"; {retrained[0].arm} is {'ahead' if better else 'behind'} by {factor * abs(d.value):.2f}{points} "
                f"(difference {factor * d.low:.2f} to {factor * d.high:.2f}), "
                + ("which is real" if real else "which may be luck")
            )
        said.append(f"{text}. {r.knobs}")
    return said
