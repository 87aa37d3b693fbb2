"""Which other studies the claims of a plan need, and what training those takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.app.other_arms import meant_by
from study.app.run_end import folder_verdicts, needed_besides, needed_elsewhere
from study.planning import plan as plans
from study.spec import registry
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder
from study.storage.trials import TrialOnRecord

if TYPE_CHECKING:
    from analysis.claims.verdicts import Verdict


@dataclass(frozen=True)
class NeededStudy:
    """A study that claims read and that is not planned."""

    study: str
    claims: tuple[str, ...]
    plan: plans.Plan


def needed_studies(
    made: plans.Plan, checksum: str, on_record: dict[str, TrialOnRecord], store: ResultsFolder | None
) -> tuple[NeededStudy, ...]:
    """What the claims of a plan need of other studies, where that is not on record; nothing of a reduced one.

    Nothing either of a study of somebody's own in the folder `store` that is called as one of a catalogue.
    """
    found: list[NeededStudy] = []
    if made.protocol.quick:  # which judges nothing
        return ()
    for name, claims in needed_elsewhere(made.studies).items():
        other = registry.registered(name)
        if other is None or meant_by(name, store) != other:  # it is of a file that is not named here
            continue
        plan = plans.plan_trials([other], made.protocol, checksum, on_record, made.size)
        if plan.missing:
            found.append(NeededStudy(name, claims, plan))
    return tuple(found)


def still_needed(
    needs: Iterable[NeededStudy], verdicts: Iterable[Verdict], studies: Sequence[Study]
) -> tuple[NeededStudy, ...]:
    """What the claims of some studies need that are not decided; `verdicts`: over them."""
    left = needed_besides(studies, {(v.study, v.id) for v in verdicts if v.settled})
    found = (dataclasses.replace(n, claims=left.get(n.study, ())) for n in needs)
    return tuple(n for n in found if n.claims)


def needed_by_open_claims(
    made: plans.Plan, checksum: str, on_record: dict[str, TrialOnRecord], store: ResultsFolder
) -> tuple[NeededStudy, ...]:
    """`needed_studies`, without what only decided claims need: the folder is judged where it may have decided one."""
    needs = needed_studies(made, checksum, on_record, store)
    if not any(t.on_record for need in needs for t in need.plan.trials):
        return needs
    return still_needed(needs, folder_verdicts(store, made.studies), made.studies)
