"""Versions of claims that were replaced: told with their words, and without a verdict.

What judges otherwise (form, arms, metric, place, bounds, first seed) is another version, see
`study.spec.claim_versions`; other words are not. A replaced version was looked at before it was rewritten, so nothing
is decided of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from analysis.claims.arm_words import ArmWords, arm_words
from analysis.claims.plain_sentences import asked
from analysis.claims.samples import ArmReader
from analysis.data.frames import Frames, from_records
from study.spec.claim_versions import arm_changed, own_arms, same_version
from study.spec.claims import Claim
from study.spec.study import Study


@dataclass(frozen=True)
class ReplacedClaim:
    """One version of a claim that another took the place of."""

    version: int
    """Of the study: the last one that had it."""
    statement: str
    from_seed: int
    parts: tuple[str, ...]
    """What each part claimed, as a sentence without its point."""
    arms: tuple[str, ...] = ()
    """Those of its arms that had other knobs."""

    @property
    def sentence(self) -> str:
        """All of the version, in words."""
        first = f" from seed {self.from_seed} on" if self.from_seed else ""
        head = f"This claim replaces an earlier one, which has no verdict. Until version {self.version} it said:"
        arms = f", with other knobs in {' and '.join(self.arms)}" if self.arms else ""
        claimed = ". ".join(self.parts) or "nothing that could be read"
        return f"{head} “{self.statement}” Claimed{first}{arms}: {claimed}."


NumberedVersion = tuple[int, Study]
"""A version of a study with its number."""


def replaced(versions: Sequence[NumberedVersion], judged: Study) -> Mapping[str, tuple[ReplacedClaim, ...]]:
    """Return the replaced versions of each claim of the judged version, by its id, oldest first."""
    found: dict[str, dict[int, tuple[int, Study, Claim]]] = {}
    now = {claim.id: claim for claim in judged.claims}
    for number, study in versions:
        for claim in study.claims:
            if claim.id not in now or same_version(study, claim, judged, now[claim.id]):
                continue
            known = found.setdefault(claim.id, {})
            place = next((i for i, (_, s, c) in known.items() if same_version(study, claim, s, c)), len(known))
            known[place] = number, study, claim
    return {name: tuple(_told(*one, judged) for one in known.values()) for name, known in found.items()}


def _told(number: int, study: Study, claim: Claim, judged: Study) -> ReplacedClaim:
    arms = ArmReader(study, {study.name: study}, _no_records())
    changed = tuple(arm for arm in own_arms(study.name, claim) if arm_changed(study, judged, arm))
    same = {a.name: a.say for a in judged.arms if a.name not in changed}
    parts = tuple(asked(form, _in_words_of(same, arm_words(arms, form))) for form in claim.parts)
    return ReplacedClaim(number, claim.statement, claim.from_seed, parts, changed)


def _in_words_of(says: Mapping[str, str], words: ArmWords) -> ArmWords:
    """An arm that is still the same is called as it is now: older versions gave few of them words."""
    return replace(words, names={arm: says.get(arm) or say for arm, say in words.names.items()})


@cache
def _no_records() -> Frames:
    """Made once: the words of a claim need arms, and no trial of them."""
    return from_records([])
