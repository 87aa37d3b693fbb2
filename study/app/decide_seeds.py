"""Buy seeds where they decide: judge, buy the cheapest decision, train, judge again, until all is decided or dear."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.statistics.evidence import seed_path
from analysis.statistics.looks import FIRST_LOOK_SEEDS
from study.app import run_studies, seed_offers
from study.app.decide_request import DecideRequest, with_answers
from study.app.pace import Pace, pace_from, unmeasured
from study.app.plan_studies import PlanRequest, existing_folder, folder_as_a_run_has_it, plan_studies, read_named
from study.app.run_view import RunView
from study.app.seed_offers import Offer, OpenClaim, Trial
from study.app.times_elsewhere import Elsewhere, names_here, not_here
from study.app.wrapping import say
from study.execution.signals import RESUME_HINT, on_signals
from study.planning.cost import START_SECONDS, TRIAL_SECONDS, expected_seconds, run_seconds
from study.planning.plan import plan_trials, tested_arms
from study.planning.wanted_metrics import wanted_metrics, with_metrics_on_record, with_tests_on_record
from study.spec.arm_names import full_arm_name
from study.spec.claims import arms_named
from study.spec.study import Study
from study.spec.study_file import StudySource
from study.storage import freezing, kept_files, lock, repair
from study.storage.results_folder import ResultsFolder
from study.storage.survey import refuse_contradictions
from study.storage.trials import TrialOnRecord
from trainables.config.errors import StudyError
from trainables.data.split import checksum_of_test

if TYPE_CHECKING:
    from analysis.claims.samples import ArmReader
    from analysis.claims.verdicts import Verdict
    from study.app.decide_view import DecideView
    from study.planning.plan import Plan

DECIDABLE_WORDS = ("open", "not-enough-seeds", "missing")


@dataclass(frozen=True)
class Prospects:
    """Where the claims stand, and what seeds would cost."""

    verdicts: tuple[Verdict, ...]
    claims: tuple[OpenClaim, ...]
    """Those that seeds may decide."""
    studies: Mapping[str, Study]
    on_record: Mapping[str, TrialOnRecord]
    plan: Plan
    checksum: str
    pace: Pace | None
    cores: int
    elsewhere: Mapping[tuple[str, str], Elsewhere] = field(default_factory=dict)
    """By study and claim, those for which seeds of this machine never count; such a claim is none of `claims`."""

    def why_elsewhere(self, v: Verdict) -> str:
        """Return why seeds of this machine never count for a claim; empty where they do."""
        found = self.elsewhere.get((v.study, v.id))
        return found.why if found else ""

    def ending(self, offers: Sequence[Offer]) -> list[str]:
        """Return which claims end with some purchases, a sentence each."""
        bought = {trial for o in offers for of in o.trials.values() for trial, _ in of.values()}
        seeds = {s for o in offers for of in o.trials.values() for s in of}
        said = []
        for found in self.elsewhere.values():
            lacks = {arm: {s: self.missing_trial(arm, s) for s in seeds} for arm in found.claim.arms}
            mine = {arm: [s for s, trial in of.items() if trial and trial[0] in bought] for arm, of in lacks.items()}
            said += [found.ending] if found.ends_with(mine) else []
        return said

    def missing_trial(self, arm: str, seed: int) -> Trial | None:
        """What an arm lacks of a seed; see `seed_offers.MissingTrial`."""
        owner, _, name = arm.rpartition("/")
        config = self.plan.protocol.study(self.studies[owner]).config(name, seed=seed)
        trial = config.identity(self.checksum)
        on = self.on_record.get(trial)
        if on is not None and (on.status in ("diverged", "failed") or on.epochs >= config.epochs):
            return None
        size = self.plan.size
        epochs = self.pace.seconds(config, size) if self.pace else expected_seconds(config, size)
        return trial, TRIAL_SECONDS + epochs

    @property
    def _clock_factor(self) -> float:
        """Of the clock's seconds to the processor's, as this machine lately had them."""
        return self.pace.clock_factor if self.pace else 1.0

    def wall_seconds(self, offers: Sequence[Offer]) -> float:
        """Seconds that some purchases take on this machine, or on so many cores, with the start of what trains them."""
        return self._from_start(seed_offers.seconds_of(offers), seed_offers.longest_of(offers))

    def _from_start(self, total: float, longest: float = 0.0) -> float:
        """Of so many seconds of training: what is less than Ray's start is trained in this process, and each batch
        beyond the first starts Ray anew.
        """
        whole = run_seconds(total, longest, self.cores, inline=total <= START_SECONDS)
        batches = int(self._clock_factor * total / self.cores / seed_offers.BATCH_SECONDS)
        return self._clock_factor * (whole + START_SECONDS * batches)

    def seconds_to_decide(self, claim: OpenClaim) -> tuple[float, float | None] | None:
        """Seconds on this machine until it is decided, from the low to the high end of its range; None: unknown.

        Of a claim with one look, or of which nothing is known, until that or its first look. Where this process trains,
        PyTorch may be imported already: the low end has no start.
        """
        look = FIRST_LOOK_SEEDS if claim.need is None else claim.need.one_look
        if look is not None:
            cost = self._from_start(seed_offers.cost_seconds(claim, look, self.missing_trial))
            return (cost, cost) if claim.seeds < look else None
        if claim.need is None or claim.need.low is None:
            return None
        least = seed_offers.cost_seconds(claim, claim.need.low, self.missing_trial)
        low = self._clock_factor * least if least <= START_SECONDS else self._from_start(least)
        if claim.need.high is None:
            return low, None
        return low, self._from_start(seed_offers.cost_seconds(claim, claim.need.high, self.missing_trial))

    def most(self, asked: DecideRequest) -> list[Offer]:
        """Return all that could be bought, were each claim that is bought to take all the seeds that are allowed."""
        ends = ((c, asked.allowed.ends_at(c)) for c in self.claims if asked.allowed.buys(c))
        found = (Offer(c, end, c.trials(end, self.missing_trial), 0.0) for c, end in ends)
        return [offer for offer in found if offer.trials]

    def batch(self, asked: DecideRequest, left: float) -> list[Offer]:
        """What to buy next; what would cost more than is left until it is decided, at the least, is not begun."""
        found = seed_offers.offers(self.claims, asked.allowed, self.missing_trial, self.cores)
        affordable = [o for o in found if (span := self.seconds_to_decide(o.claim)) is None or span[0] <= left]
        return seed_offers.choose_batch(affordable, self.wall_seconds, left)


def decide(
    asked: DecideRequest,
    where: run_studies.RunOptions,
    view: DecideView,
    *,
    dry_run: bool = False,
    sources: Mapping[str, StudySource] | None = None,
) -> Prospects:
    """Buy seeds until every claim is decided, or deciding the others would cost more than is allowed.

    Args:
        asked: the studies, and the limits.
        where: trials go.
        view: told how it goes.
        dry_run: say what would be bought first, and train nothing.
        sources: the studies; if not given, they are read by the names that are asked for.

    Raises:
        Interrupted: the same command goes on.
        SomeFailed: some trials failed; the others are judged.
    """
    with on_signals():
        try:
            given = dict(sources) if sources is not None else read_named(list(asked.names), asked.results)
            given = with_answers(given, asked.results, asked.data_dir)
            asked = dataclasses.replace(asked, names=tuple(given))
            return _Buying(asked, where, view, given).go(dry_run=dry_run)
        except KeyboardInterrupt:
            raise run_studies.Interrupted(RESUME_HINT + view.go_on()) from None


class _Buying:
    """One command: its studies, its limits, what it has spent."""

    def __init__(
        self,
        asked: DecideRequest,
        where: run_studies.RunOptions,
        view: DecideView,
        given: Mapping[str, StudySource],
    ) -> None:
        self.asked, self.where, self.view, self.given = asked, where, view, given
        self.spent = 0.0
        self.pace = pace_from(asked.results) if where.address is None else unmeasured
        """Of the folder, else of the last run's, before this one is the last."""

    def go(self, *, dry_run: bool) -> Prospects:
        there = folder_as_a_run_has_it(self.asked.results) if dry_run else self._tidied()
        asked = self.asked
        request = PlanRequest(asked.names, 1, False, asked.results, asked.device, asked.precision, asked.data_dir)
        here = self.where.address is None
        self.plan, self.data = plan_studies(list(self.given.values()), request, {}, here=here, store=there)
        if there is None and dry_run:
            with tempfile.TemporaryDirectory(prefix="study-decide-") as nowhere:
                return self._preview(ResultsFolder(nowhere, create=True))
        store = there or ResultsFolder(self.asked.results, create=True)
        if dry_run:
            freezing.check_freezable(store, self.given.values(), self.plan.studies, self.data.checksum, self.data)
            return self._preview(store)
        with lock.hold(store.folder, wait=self.where.wait):  # who held it may have trained seeds of a new claim
            freezing.check_freezable(store, self.given.values(), self.plan.studies, self.data.checksum, self.data)
            for source, ready in zip(self.given.values(), self.plan.studies, strict=True):
                store.studies.freeze(ready)
                kept_files.keep_files(store, ready, source.files)
            self.view.opened(store.folder.where)
        return self._buy(store)

    def _tidied(self) -> ResultsFolder | None:
        """The folder, what is damaged in it put aside as a run does it; None where there is none yet."""
        if (there := existing_folder(self.asked.results)) is not None:
            with lock.hold(there.folder, wait=self.where.wait):
                there.refuse_gone()
                for line in repair.tidy(there):
                    say(line)
                refuse_contradictions(there)
        return there

    def _preview(self, store: ResultsFolder) -> Prospects:
        now = self._stand(store)
        self.view.began(now, self.asked)
        self.view.preview(now, now.batch(self.asked, self.asked.seconds), self.asked)
        return now

    def _buy(self, store: ResultsFolder) -> Prospects:
        first = now = self._stand(store)
        self.view.began(now, self.asked)
        failed: run_studies.SomeFailed | None = None
        out_of_time = False
        while chosen := now.batch(self.asked, self.asked.seconds - self.spent):
            self.view.buying(now, chosen)
            began = time.monotonic()
            try:
                self._train(chosen)
            except run_studies.SomeFailed as error:
                failed = error
            except run_studies.OutOfTime:
                out_of_time = True
            self.spent += time.monotonic() - began
            before, now = now, self._stand(store)
            self.view.judged(before.verdicts, now.verdicts)
            if out_of_time or {c: c.seeds for c in before.claims} == {c: c.seeds for c in now.claims}:
                break  # the time is used up; or nothing came of it, and what failed would fail again
        self.view.ended(first, now, self.asked, self.spent)
        if failed is not None:
            raise failed
        return now

    def _train(self, chosen: Sequence[Offer]) -> None:
        arms = seed_offers.seeds_by_arm(chosen)
        wanted = {arm.partition("/")[0] for arm in arms}
        mine = {source.study.name: (name, source) for name, source in self.given.items()}
        other = {name: (name, StudySource(self.others[name])) for name in wanted - mine.keys()}
        sources = dict(found for name, found in (mine | other).items() if name in wanted)
        request = PlanRequest(
            tuple(sources), results=self.asked.results, device=self.asked.device, precision=self.asked.precision,
            data_dir=self.asked.data_dir, arm_seeds=arms,
        )  # fmt: skip
        view = RunView(result=False, command=self.view.command, names=tuple(sources), quiet=self.view.silent)
        where = dataclasses.replace(self.where, seconds=self.asked.seconds - self.spent)
        run_studies.run(request, where, view, sources)

    def _stand(self, store: ResultsFolder) -> Prospects:
        from analysis.data.text_storage import text_as_objects

        with self.view.judging(sum(len(s.claims) for s in self.plan.studies)), text_as_objects():
            return self._judged(store)

    def _judged(self, store: ResultsFolder) -> Prospects:
        from analysis.claims.samples import ArmReader
        from analysis.claims.verdicts import judge
        from analysis.report.inputs import read_inputs
        from analysis.statistics.power import MAX_SEEDS as LOOKED_AT

        inputs = read_inputs(store, self.plan.studies)
        known = {**inputs.studies, **{s.name: s for s in self.plan.studies}}
        self.others = known
        verdicts: list[Verdict] = []
        claims: list[OpenClaim] = []
        readers: dict[str, ArmReader] = {}
        for study in self.plan.studies:
            grounds = dataclasses.replace(inputs.grounds(study.name), most_seeds=max(LOOKED_AT, self.asked.most_seeds))
            found = judge(study, inputs.frames, known, grounds)
            verdicts += found
            claims += open_claims(study, found, known, grounds.first_seed, inputs.asked_of_all)
            readers[study.name] = ArmReader(study, known, inputs.frames)
        now = Prospects(
            tuple(verdicts),
            tuple(claims),
            known,
            self._held(store, sorted({int(s) for s in inputs.frames.trials["seed"]})),
            self.plan,
            self.data.checksum,
            self.pace(self.plan),
            run_studies.cores_of(self.where),
        )
        elsewhere = self._elsewhere(claims, readers)
        helped = (c for c in claims if not c.is_blocked(now.missing_trial))
        left = tuple(c for c in helped if (c.study, c.id) not in elsewhere)
        return dataclasses.replace(now, claims=left, elsewhere=elsewhere)

    def _elsewhere(
        self, claims: Sequence[OpenClaim], readers: Mapping[str, ArmReader]
    ) -> dict[tuple[str, str], Elsewhere]:
        """The claims for which seeds of this machine never count; on a cluster any kind may train them."""
        here = names_here(self.plan.device) if self.where.address is None else ()
        found = {(c.study, c.id): not_here(c, readers[c.study], here) for c in claims}
        return {claim: one for claim, one in found.items() if one is not None}

    def _held(self, store: ResultsFolder, seeds: Sequence[int]) -> dict[str, TrialOnRecord]:
        """What is on record and holds what claims speak of, of the test part too."""
        recorded = with_metrics_on_record(store.trials, store.trials.on_record(), wanted_metrics(self.plan.studies))
        if not any(map(tested_arms, self.plan.studies)):
            return recorded
        protocol = dataclasses.replace(self.plan.protocol, seeds=tuple(seeds), arm_seeds={})
        made = plan_trials(self.plan.studies, protocol, self.data.checksum, recorded, self.plan.size)
        return with_tests_on_record(made, store.trials, recorded, checksum_of_test(self.data))


def open_claims(
    study: Study,
    verdicts: Sequence[Verdict],
    known: Mapping[str, Study],
    first_seed: int = 0,
    asked: Mapping[str, Sequence[int]] | None = None,
) -> list[OpenClaim]:
    """The claims of a study that seeds may decide: neither decided, nor kept from a verdict by something else.

    Args:
        study: whose claims they are.
        verdicts: over all of them, in order.
        known: all studies by name.
        first_seed: no seed below counts.
        asked: by `STUDY/ARM`, the seeds that commands before asked of it.
    """
    found = []
    for claim, v in zip(study.claims, verdicts, strict=True):
        if v.verdict not in DECIDABLE_WORDS or v.for_good or (v.verdict == "open" and v.need is None):
            continue
        arms = tuple(full_arm_name(study, name) for name in arms_named(claim))
        if all(_has(known, arm) for arm in arms):
            first = max(claim.from_seed, first_seed)
            begun = set.intersection(*(set((asked or {}).get(arm, ())) for arm in arms)) | set(v.path)
            until = len(seed_path([begun], first))
            found.append(OpenClaim(study.name, claim.id, arms, first, len(v.path), v.need, until))
    return found


def _has(known: Mapping[str, Study], arm: str) -> bool:
    owner, _, name = arm.rpartition("/")
    try:
        return owner in known and known[owner].config(name) is not None
    except StudyError:
        return False
