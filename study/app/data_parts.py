"""Which studies are judged on a test part by themselves: those that select. Of data of two parts it is made for them.

What was begun without one goes on so, and says so: images held out make another configuration, so other trials. What a
study file says of `held_out` is left as it is. The chapter's studies keep the book's two parts.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Sequence

from study.planning.plan import Plan
from study.planning.protocol import Protocol
from study.planning.wanted_metrics import without_untested
from study.spec.claims import Form, arms_named
from study.spec.located import located
from study.spec.selection import names_others, not_on_test, selected_claims, selects_on_validation, with_test_part
from study.spec.study import Study
from study.spec.study_file import StudySource
from study.storage.results_folder import ResultsFolder
from study.storage.search_log import current_parts, search_parts
from study.storage.tested_parts import refuse_other_test_part
from study.storage.tidied_view import tidied_view
from trainables.config.errors import BadInput, StoreError
from trainables.data.dataset import DataSet
from trainables.data.split import checksum_of_test

HELD_OUT_SHARE = 0.1
"""What a new study that selects holds out of the training images, where the data have no test part."""
NO_TEST_PART = (
    "it was begun without a test part and goes on so. It reports on the examples that it selects on. In another "
    "results folder it gets one"
)
NO_TEST_PART_ON_RECORD = (
    "this folder has it without a test part, and it goes on so. It reports on the examples that it selects on. In "
    "another results folder it gets one"
)
JUDGES_ON_VAL = (
    "this folder judges on the validation part what was selected on it, and goes on so. In another results folder it "
    "is judged on the test part"
)


def without_untested_here(plan: Plan, store: ResultsFolder, data: DataSet, given: Iterable[StudySource] = ()) -> Plan:
    """The plan; trials that this folder has, and that were not measured on the test part as asked, are trained again.

    `given`: the studies as they were read, for what is said of their data.

    Raises:
        BadInput: the folder's trials were measured on another test part of these data.
    """
    refuse_other_test_part(store, data, given)
    return without_untested(plan, store.trials, checksum_of_test(data))


def with_parts(
    protocol: Protocol, sources: Sequence[StudySource], store: ResultsFolder | None, data: DataSet
) -> Protocol:
    """The protocol of a plan, with what it holds out.

    Args:
        protocol: without a word of parts.
        sources: the studies.
        store: the folder that they run into; None where there is none yet.
        data: what they train on.
    """
    studies, data_checksum = [s.study for s in sources], data.checksum
    if data.test_images is None:
        protocol = dataclasses.replace(protocol, begun=_begun(store, studies, protocol), hold_out=HELD_OUT_SHARE)
    own = [s.study for s in sources if not s.keeps_parts and _says_nothing(s.study)]
    found = [s for s in own if _gets_one(s, studies, protocol, store, data_checksum)]
    for study in found:
        if not _versions(store, study, protocol):
            _refuse_extremes(study, sources)
    return dataclasses.replace(protocol, selecting={s.name: _judged(s, store)[0] for s in found})


def _refuse_extremes(study: Study, sources: Sequence[StudySource]) -> None:
    """Refuse a claim of a new study that selects and that has no number on the test part."""
    for claim, metric in not_on_test(with_test_part(study, HELD_OUT_SHARE)).items():
        error = BadInput(
            f"study {study.name}, claim {claim}",
            metric,
            "the study selects on the validation part, so its claims speak of the test part. There no epoch is chosen "
            "by its number. Write at: best, or an epoch. With held_out: 0 in base it stays, marked as selected",
        )
        raise located(error, sources)


def notes_on_parts(protocol: Protocol, sources: Sequence[StudySource]) -> list[str]:
    """What people have to know of studies that were begun without a test part."""
    lines = [f"search {name}: {NO_TEST_PART}" for name in sorted(protocol.begun)]
    for source in sources:
        study = source.study
        if (
            source.keeps_parts
            or not _says_nothing(study)
            or study.name in protocol.selecting
            or not selects_on_validation(study)
        ):
            continue
        why = "its claims name arms of other studies, so it keeps the data's own parts" if names_others(study) else ""
        lines.append(f"study {study.name}: {why or (NO_TEST_PART_ON_RECORD if protocol.hold_out else JUDGES_ON_VAL)}")
    return lines


def _says_nothing(study: Study) -> bool:
    changed = any("held_out" in arm.change for arm in study.arms)
    return bool(study.arms) and study.search is None and "held_out" not in study.base and not changed


def _gets_one(
    study: Study, together: Sequence[Study], protocol: Protocol, store: ResultsFolder | None, data_checksum: str
) -> bool:
    kept = _versions(store, study, protocol)
    if kept and protocol.hold_out:
        return bool(kept[-1].base.get("held_out", 0.0) == HELD_OUT_SHARE)
    if kept:
        on_val, on_test = _judged(study, store)
        return bool(on_test) or (selects_on_validation(study) and not on_val & selected_claims(study).keys())
    if not selects_on_validation(study) or study.name.endswith(".answer") or names_others(study):
        return False
    named = {arm for other in together for claim in other.claims for arm in arms_named(claim)}
    if any(arm.startswith(f"{study.name}/") for arm in named):
        return False
    return store is None or not _has_records(store, study, protocol, data_checksum)


def _judged(study: Study, store: ResultsFolder | None) -> tuple[frozenset[str], frozenset[str]]:
    """The claims with numbers on the test part that a folder judges on the validation part; and those on the test part.

    Whether it ran in full or reduced: both freeze the same claims.
    """
    there = {claim.id: claim.parts for claim in with_test_part(study, 0.0).claims}
    mine = {claim.id: claim.parts for claim in study.claims if claim.parts != there[claim.id]}
    before: list[tuple[str, tuple[Form, ...]]] = []
    with contextlib.suppress(StoreError):  # damaged: the next run puts it aside
        kept = store.studies.versions(study.name) if store is not None else []
        before += [(c.id, c.parts) for version in kept for c in version.claims]
    on_test = frozenset(name for name in mine if (name, there[name]) in before)
    return frozenset(name for name, parts in mine.items() if (name, parts) in before) - on_test, on_test


def _versions(store: ResultsFolder | None, study: Study, protocol: Protocol) -> list[Study]:
    """How it was run in the folder before, likewise reduced or in full."""
    if store is None:
        return []
    with contextlib.suppress(StoreError):  # damaged: the next run puts it aside, and the records tell
        kept = store.studies.versions(study.name)
        return [v for v in kept if bool(v.reduced) == bool(protocol.study(study).reduced)]
    return []


def _has_records(store: ResultsFolder, study: Study, protocol: Protocol, data_checksum: str) -> bool:
    """Whether the folder has trials of its arms that were trained without a test part."""
    ready = protocol.study(study)
    mine = {ready.config(a.name).group(data_checksum) for a in ready.arms}
    return any(r.config.group(r.data_checksum) in mine for r in tidied_view(store).trials.records())


def _begun(store: ResultsFolder | None, studies: Sequence[Study], protocol: Protocol) -> frozenset[str]:
    """The searches that a folder holds as they were begun, without a test part."""
    asked = [protocol.study(s) for s in studies if s.search and "held_out" not in s.base]
    found = search_parts(store, []) if store and asked else []
    return frozenset(s.name for s in asked if current_parts(found, s)[0])
