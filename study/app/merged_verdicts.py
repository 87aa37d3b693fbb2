"""Decided verdicts that a merge changes: the one thing, but for a failed trial, that can change one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.claims.verdicts import Verdict
from analysis.claims.words import DECIDED, WORDS
from analysis.report.judge_folder import judge_folder
from study.storage.results_folder import ResultsFolder
from trainables.config.errors import StudyError


@dataclass(frozen=True)
class DecidedClaim:
    """A claim that a folder decides, and how."""

    folder: str
    study: str
    claim: str
    verdict: str
    replaced: int = 0
    """Versions of it that were replaced there."""


def decided_claims(folders: Sequence[str]) -> list[DecidedClaim]:
    """The claims that each of these folders decides; one that is not there, or cannot be judged, decides none."""
    return [found for folder in dict.fromkeys(folders) for found in _decided(folder)]


def _decided(folder: str) -> Iterator[DecidedClaim]:
    try:
        studies = ResultsFolder(folder).studies
        claims = any(study.claims for name in studies.names() for study in studies.readable(name)[-1:])
        judged = judge_folder(folder).verdicts if claims else ()
    except StudyError:
        return
    for verdict in judged:
        if verdict.verdict in DECIDED:
            yield DecidedClaim(folder, verdict.study, verdict.id, verdict.verdict, len(verdict.replaced))


def changed_verdicts(before: Sequence[DecidedClaim], into: str) -> list[str]:
    """A line for each claim that was decided before a merge and is no longer so, or otherwise, in the merged folder."""
    if not before:
        return []
    now = {(v.study, v.id): v for v in judge_folder(into).verdicts}
    after = ((one, now.get((one.study, one.claim))) for one in before)
    return [
        f"{one.study}/{one.claim} was {one.verdict} in {one.folder} and {_is_now(one, v)} in {into}"
        for one, v in after
        if v is None or v.verdict != one.verdict
    ]


def _is_now(before: DecidedClaim, now: Verdict | None) -> str:
    """What became of it, and whether that is said of a later version of the claim."""
    if now is None:
        return "is no longer there"
    later = "a later version of it " if len(now.replaced) > before.replaced else ""
    return f"{later}{'has' if now.verdict in ('no-place', 'not-enough-seeds') else 'is'} {WORDS[now.verdict]}"
