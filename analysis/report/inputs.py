"""What a report is made from: everything in a results folder that can be read, and a list of what cannot.

Nothing here draws, judges or writes; reading never fails as a whole because a part is damaged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import pandas as pd

from analysis.claims.family import FamilyStanding, standings
from analysis.claims.new_examples import is_of_examples
from analysis.claims.queries import Measurements
from analysis.claims.replaced import NumberedVersion, ReplacedClaim, replaced
from analysis.claims.verdicts import Grounds, asked_of_arms, asked_seeds, changed
from analysis.data import frames as fr
from analysis.data import protocols
from analysis.data.arms import ENDED, arm_frame, whole_seeds
from analysis.data.load import Loaded, load
from analysis.data.read_on_demand import with_correct, with_tensors
from study.spec import registry
from study.spec.arm_names import full_arm_name
from study.spec.claim_versions import arms_alike, is_by_content, is_renamed
from study.spec.claims import quantities
from study.spec.study import NAME, Study, latest_reduced_version, latest_whole_version, told_apart
from study.storage import search_log
from study.storage.asked_seeds import leading, with_shared
from study.storage.frozen_studies import with_version
from study.storage.older_seeds import is_answer
from study.storage.results_folder import ResultsFolder
from study.storage.run_records import RunRecord, in_order_of_runs, known_data
from study.storage.search_answer import FIRST_FRESH_SEED, SearchAnswer, seeds_of_arms
from study.storage.search_log import SearchPart
from study.storage.survey import survey
from trainables.config.errors import StudyError
from trainables.config.plurals import noun


@dataclass(frozen=True)
class ReportInputs:
    """A results folder, read."""

    studies: Mapping[str, Study]
    """Of each the version that is judged, by name: the latest in full, else the latest that was reduced; the other way
    round of those that are meant reduced.
    """
    changes: Mapping[str, tuple[str, ...]]
    """How a study's versions differ, oldest first, a line each; only where there are several."""
    loaded: Loaded
    runs: tuple[RunRecord, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What is sound and has to be known: trials whose records come from several machines and differ."""
    searches: tuple[SearchPart, ...] = ()
    """Parts of searches, of all studies and their earlier versions."""
    answers: Mapping[str, SearchAnswer | None] = field(default_factory=dict)
    """By study that searches: which proposals went into its answer."""
    standings: Mapping[str, FamilyStanding] = field(default_factory=dict)
    """By study, its family and which of its claims have a place in it."""
    replaced: Mapping[str, Mapping[str, tuple[ReplacedClaim, ...]]] = field(default_factory=dict)
    """By study and claim, the versions of the claim that were replaced."""
    live: bool = False
    """For a page that is built again and again: no still pictures, no other process."""
    provisional: bool = False
    """Whether a run goes on: what is absent has yet to come."""
    besides: frozenset[str] = frozenset()
    """Trials of reduced runs of studies that are shown in full: they are in no number and no count."""
    under_way: fr.Frames | None = None
    """Trials that are trained now; they are in no mean and no verdict."""

    @property
    def frames(self) -> fr.Frames:
        """The frames of all trials."""
        return self.loaded.frames

    @property
    def counted_trials(self) -> pd.DataFrame:
        """The trials that are counted: all but those besides."""
        return self.frames.trials[~self.frames.trials["trial"].isin(self.besides)]

    @property
    def shown(self) -> fr.Frames:
        """The frames of all trials and those under way, for curves and lists."""
        return fr.joined(self.frames, self.under_way)

    def seeds(self, study: str) -> tuple[int, ...] | None:
        """The seeds that were asked of a study; of a search's answer, the fresh ones alone: the others chose it."""
        if (fresh := self._fresh(study)) is not None:
            return fresh or None
        if self.provisional:
            return None
        runs = protocols.runs_of(self.runs, self.studies[study]) if study in self.studies else self.runs
        return asked_seeds(runs, study)

    def _fresh(self, study: str) -> tuple[int, ...] | None:
        """Of a search's answer, the seeds that did not choose it; None of other studies."""
        for answer in self.answers.values():
            if answer is not None and answer.study == study:
                return tuple(sorted(set(answer.seeds)))
        return None

    def grounds(self, study: str) -> Grounds:
        """What the claims of a study are judged on, beside the trials."""
        first = FIRST_FRESH_SEED if is_answer(study, self.studies) else 0
        replaced, data = self.replaced.get(study, {}), known_data(self.runs)
        return Grounds(self.asked_of_all, self.standings.get(study), first, replaced, data=data)

    def asked(self, study: Study) -> dict[str, tuple[int, ...]]:
        """The seeds asked of each arm of a study, by `STUDY/ARM`, where any were; of a search's answer, the fresh ones
        too.
        """
        return self._asked(study, by_runs={} if self.provisional else self._by_runs(study))

    def _by_runs(self, study: Study) -> dict[str, tuple[int, ...]]:
        return asked_of_arms(protocols.runs_of(self.runs, study), study)

    def _asked(self, study: Study, by_runs: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        fresh = seeds_of_arms(study, found) if (found := self._fresh(study.name)) else {}
        names = [f"{study.name}/{arm.name}" for arm in study.arms]
        every = {name: tuple(sorted({*fresh.get(name, ()), *by_runs.get(name, ())})) for name in names}
        return {name: seeds for name, seeds in every.items() if seeds}

    def seeds_by_arm(self, study: Study) -> dict[str, tuple[int, ...]]:
        """The seeds of each arm that are shown: see `with_shared`."""
        return self._shown(study, self.asked(study))

    def _shown(self, study: Study, asked: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        return with_shared(asked, whole_seeds(self.frames, study)) if asked else asked

    def _in_all(self, study: Study) -> dict[str, tuple[int, ...]]:
        """The seeds of each arm that will be shown: while a run goes on, those that are still to come too."""
        return self._shown(study, self._asked(study, self._by_runs(study)))

    @cached_property
    def measurements(self) -> Measurements:
        """The folder's trials, to be asked for numbers."""
        paired = {name: seeds for study in self.studies.values() for name, seeds in self.paired(study).items()}
        wanted = {name: seeds for study in self.studies.values() for name, seeds in self._in_all(study).items()}
        return Measurements(self.studies, self.frames, paired, wanted)

    def paired(self, study: Study) -> dict[str, tuple[int, ...]]:
        """The seeds of each arm that numbers rest on: those asked for, up to the first that has not ended; while a run
        goes on and once it is over.

        So two arms are compared over the seeds that both have, and not only when the last one is there.
        """
        ended = whole_seeds(self.frames, study, ENDED)
        found = leading(self._in_all(study), ended)
        return {arm: _there(seeds, ended.get(arm, ())) for arm, seeds in found.items()} if self.provisional else found

    @property
    def asked_of_all(self) -> dict[str, tuple[int, ...]]:
        """The seeds asked of each arm of every study."""
        return {name: seeds for study in self.studies.values() for name, seeds in self.asked(study).items()}

    @property
    def reduced(self) -> bool:
        """Whether any study ran fewer epochs or images than it declares."""
        return any(s.reduced for s in self.studies.values())


def _there(seeds: Sequence[int], ended: Collection[int]) -> tuple[int, ...]:
    """Seeds up to the last that has ended: what comes after it is not missing while a run goes on.

    >>> _there((0, 1), (0, 1)), _there((0, 1, 2, 3), (1, 2)), _there((0, 1), ())
    ((0, 1), (0, 1, 2), ())
    """
    last = max((s for s in seeds if s in ended), default=-1)
    return tuple(s for s in seeds if s <= last)


def read_inputs(store: ResultsFolder, coming: Sequence[Study] = (), reduced: Iterable[str] = ()) -> ReportInputs:
    """Everything in the folder that can be read.

    Args:
        store: the folder.
        coming: studies that count as frozen in it.
        reduced: studies, by name, that are meant as they were run reduced, though they may be on record in full.
    """
    seen, problems = survey(store), list[str]()
    runs = seen.runs
    versions = _versions(store, runs, problems)
    for study in coming:
        versions[study.name] = with_version(versions.get(study.name, []), study)
    small = {name for asked in reduced for name in (asked, asked.removesuffix(".answer"))}
    meant = {n: (latest_reduced_version if n in small else latest_whole_version)(v) for n, v in versions.items()}
    studies = {name: _with_words(study, registry.registered(name)) for name, study in meant.items()}
    # before the trials: a search says that one has ended when its record is there
    searches = tuple(search_log.search_parts(store, problems))
    searching = [(name, bool(s.reduced)) for name, s in studies.items() if s.search]
    answers = {name: search_log.answer_of(store, name, problems, reduced=small) for name, small in searching}
    loaded = load(store)
    wanted = {t for s in studies.values() if s.arms for t in arm_frame(loaded.frames, s)["trial"]}
    loaded = with_correct(with_tensors(loaded, store, wanted), store, _of_claims(loaded, studies))
    alike = {name: _numbered(v, studies[name]) for name, v in versions.items()}
    changes = {name: lines for name, v in alike.items() if (lines := _changes(v))}
    gone = {name: replaced(v, studies[name]) for name, v in alike.items()}
    standing = standings(_by_first_run(versions, runs), studies, registry.predating, store.studies.frozen_at)
    said_of_folder = (*seen.problems, *seen.not_about([*loaded.problems, *problems]))
    trials = loaded.frames.trials
    besides = protocols.reduced_besides(
        store, studies.values(), runs, set(trials["trial"]), sorted(set(trials["data_checksum"]))
    )
    store.refuse_gone()
    return ReportInputs(
        studies, changes, loaded, runs, said_of_folder, seen.notes, searches, answers, standing, gone,
        besides=besides,
    )  # fmt: skip


def _of_claims(loaded: Loaded, studies: Mapping[str, Study]) -> set[str]:
    """The trials of arms that a claim compares by their accuracy on validation examples."""
    named = {
        full_arm_name(study, q.arm)
        for study in studies.values()
        for claim in study.claims
        for form in claim.parts
        for q in quantities(form)
        if is_of_examples(q)
    }
    arms = ((studies[owner], arm) for owner, _, arm in (n.rpartition("/") for n in named) if owner in studies)
    return {
        t for s, arm in arms if arm in {a.name for a in s.arms} for t in arm_frame(loaded.frames, s, [arm])["trial"]
    }


def _by_first_run(versions: Mapping[str, list[Study]], runs: Sequence[RunRecord]) -> dict[str, list[Study]]:
    """The studies in the order in which they were first run; those that no run names come last, by name."""
    return {name: versions[name] for name in in_order_of_runs(versions, runs)}


def _with_words(study: Study, registered: Study | None) -> Study:
    """A study of a catalogue, frozen before its arms had words for sentences, with those that they have now; and with
    the note that a claim has now, where its statement and all that it is judged by are as they were.

    An arm that is configured otherwise is not the one that these words speak of; nor is one of a study of somebody's
    own that is called so. Two arms that one file calls alike, which is refused today, have their names behind.
    """
    if registered is None or not is_by_content(study, registered):
        return told_apart(study)
    if any(arm.say for arm in study.arms):
        return told_apart(study)
    alike = arms_alike(study, registered)
    said = {arm.name: arm.say for arm in registered.arms if arm.name in alike}
    return told_apart(replace(study, arms=tuple(replace(arm, say=said.get(arm.name, "")) for arm in study.arms)))


def _versions(store: ResultsFolder, runs: Sequence[RunRecord], problems: list[str]) -> dict[str, list[Study]]:
    found: dict[str, list[Study]] = {}
    names = {n.split("/")[1] for n in store.folder.names("studies", deep=True) if n.count("/") == 2}
    for name in sorted(names):
        if not NAME.fullmatch(name):
            problems.append(f"studies/{name}: it is not the name of a study")
            continue
        try:
            versions = protocols.versions(store, name, runs, problems)
        except StudyError as error:
            problems.append(f"study {name} is left out: {error}")
            continue
        if versions:
            found[name] = versions
    return found


def _numbered(versions: list[Study], judged: Study) -> list[NumberedVersion]:
    """The versions of a study of the protocol that is judged."""
    return [(i, v) for i, v in enumerate(versions, start=1) if bool(v.reduced) == bool(judged.reduced)]


REWORDED = "other words in the study file"
"""So ends a line about arms that are configured as before."""


def _changed_arms(before: Study, after: Study) -> list[str]:
    """What became of a study's arms, a line a kind: renamed, added, removed, changed, called otherwise in sentences."""
    old, new = ({a.name: a for a in study.arms} for study in (before, after))
    both = [name for name in new if name in old]
    reworded = [
        n for n in both if new[n] != old[n] and replace(new[n], say="", note="") == replace(old[n], say="", note="")
    ]
    renamed = _renamed(before, after)
    kinds = {
        "added": [name for name in new if name not in old and name not in renamed.values()],
        "removed": [name for name in old if name not in new and name not in renamed],
        "changed": [name for name in both if new[name] != old[name] and name not in reworded],
        REWORDED: reworded,
    }
    said = [f"arm {name} is called {now}" for name, now in renamed.items()]
    return said + [f"{noun(len(names), 'arm')} {', '.join(names)}: {kind}" for kind, names in kinds.items() if names]


def _renamed(before: Study, after: Study) -> dict[str, str]:
    """Arms that are configured as one was that is gone, old name to new."""
    was = [arm.name for arm in before.arms]
    new = [arm.name for arm in after.arms if arm.name not in was]
    found: dict[str, str] = {}
    for old in was:
        like = [n for n in new if n not in found.values() and is_renamed(after, n, before, old)]
        found |= {old: like[0]} if like else {}
    return found


def _changes(numbered: list[NumberedVersion]) -> tuple[str, ...]:
    """What changed from each version of a study to the next."""
    lines = []
    for (_, before), (number, after) in pairwise(numbered):
        if before == after:
            continue
        said = changed(before, after)
        said += _changed_arms(before, after)
        if before.base != after.base or before.epochs != after.epochs:
            said.append("base knobs or epochs of all arms changed")
        lines += [f"version {number}: {line}" for line in said]
    return tuple(lines)
