"""A plan as text: a few lines, then who wants what."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from analysis.claims.words import WORDS
from analysis.data.protocols import besides_words
from analysis.text.plain_text import first_sentence
from study.app.live_progress import resumed_words
from study.app.live_view import UNICODE, CharacterSet
from study.app.needed_studies import NeededStudy
from study.app.other_studies import of_a_run
from study.app.plan_clock import PlanClock
from study.app.screen import marks_of
from study.app.search_on_record import NOTHING, SearchOnRecord, over, planned_searches
from study.cli.plan_search_text import search_lines
from study.planning.plan import Plan
from study.planning.protocol import quick_images
from study.planning.seeds import seeds_words
from study.spec.data_names import data_names
from study.spec.selection import SELECTED_ON, claims_on_test, selected_claims
from study.spec.study import Study
from trainables.config.plurals import counted
from trainables.config.trial_config import TrialConfig
from trainables.jobs.cpu_info import has_bf16

if TYPE_CHECKING:  # pandas and scipy take half a second, and a run waits for no power
    from analysis.claims.verdicts import Verdict
    from study.app.plan_power import StudyPower


def seeds_asked(plan: Plan) -> str:
    """The seeds that are asked for, counted; where they are asked of some arms only, of how many."""
    seeds, some = seeds_words(plan.protocol.seeds), plan.protocol.arm_seeds
    if not some:
        return seeds
    each = "" if len(set(some.values())) == 1 else ", not all of each"
    return f"{seeds} of {counted(len(some), 'arm', 'arms')}{each}"


LABEL_COLUMNS = 11
"""Columns of a word that is set apart."""


def _labelled(label: str, text: str) -> str:
    return f"{label:{LABEL_COLUMNS}s}{text}"


def plan_text(
    plan: Plan, clock: PlanClock, results: str = "", searched: Mapping[str, SearchOnRecord] = NOTHING, reduced: int = 0
) -> str:
    """A plan in a few lines: what is asked, what is on record, what is to be trained, and how long that takes.

    `reduced`: trials on record of reduced runs of the studies.
    """
    inside = (f" in {results}" if results else "") + (f"; {besides_words(reduced)}" if reduced else "")
    lines = _asked(plan)
    if plan.protocol.quick:
        lines.append(_labelled("reduced", _lowered(plan)))
    if plan.trials:
        lack = len(plan.missing)
        record = f"{len(plan.trials) - lack} of {counted(len(plan.trials), 'trial')}"
        if not lack:
            record = counted(len(plan.trials), "trial")
        elif lack == len(plan.trials):
            record = "nothing"
        todo = (
            f"{counted(lack, 'trial')}, {counted(plan.epochs_to_train, 'epoch')}{_shared(plan)}" if lack else "nothing"
        )
        lines += [_labelled("on record", record + inside), _labelled("to train", todo)]
        lines += _by_arm(plan)
    for s in (s for s in plan.studies if s.search):
        said = search_lines(s, plan, clock, searched.get(s.name))
        lines += [_labelled("search" if not i else "", t) for i, t in enumerate(said)]
    if plan.missing:
        lines.append(_labelled("time", f"{clock.words(plan)} from start to end, {clock.place}"))
    lines += [_labelled("parts", line) for line in test_part_lines(plan)] + selection_lines(plan)
    used = {(t.config.device, t.config.precision) for t in plan.missing}
    used |= {(s.base.get("device", "cpu"), s.base.get("precision", "fp32")) for s in plan.studies if s.search}
    if ("cpu", "bf16") in used and not has_bf16():
        slow = "slow here: this processor has no products in bf16, and fp32 is many times as fast"
        lines.append(_labelled("bf16", slow))
    return "\n".join(lines)


def _asked(plan: Plan) -> list[str]:
    """The studies, each with its question, and what they train: arms, seeds, epochs, images."""
    if len(plan.studies) > 3:
        return [f"{len(plan.studies)} studies, {seeds_asked(plan)}: {', '.join(s.name for s in plan.studies)}"]
    wide = max(LABEL_COLUMNS, 2 + max(len(s.name) for s in plan.studies))
    lines = []
    for s in plan.studies:
        lines.append(f"{s.name:{wide}s}{first_sentence(' '.join(s.question.split()))}".rstrip())
        shape = [counted(len(s.arms), "arm")] if s.arms else []
        epochs = sorted({s.config(a.name).epochs for a in s.arms} or {s.epochs})
        shape += [seeds_asked(plan)] if s.arms else []
        long = f"{epochs[0]} to {epochs[-1]} epochs" if len(epochs) > 1 else counted(epochs[0], "epoch")
        shape.append(long if s.arms else f"at most {long}")
        lines.append(" " * wide + ", ".join(shape) + _images(s, plan))
    return lines


def _images(study: Study, plan: Plan) -> str:
    """Of what data, and of how many of its training images."""
    configs = [plan.protocol.config(study.config(a.name)) for a in study.arms]
    there = plan.size.train
    configs = configs or [TrialConfig(**{k: study.base[k] for k in ("held_out", "train_images") if k in study.base})]
    few = {c.train_images or plan.size.seen_by(c).train for c in configs}
    images = f"all {there:,}" if few == {there} else " or ".join(f"{n:,}" for n in sorted(few)) + f" of {there:,}"
    return f", {images} training examples of {data_names(study)[0]}"


def _by_arm(plan: Plan) -> list[str]:
    """What is missing by arm, where it is not simply all seeds of all arms of one study."""
    if len(plan.studies) == 1 and len(plan.missing) == len(plan.trials) and not plan.protocol.arm_seeds:
        return []
    counts = Counter(t.wanted_by for t in plan.missing)
    epochs = {t.wanted_by: t.config.epochs for t in plan.missing}
    ranked = sorted(counts.items(), key=lambda item: -item[1])[:MAX_GROUPS]
    return [_labelled("", f"{n} x {epochs[names]:,} epochs of {', '.join(names)}") for names, n in ranked]


MAX_GROUPS = 40
"""Groups of arms that are listed."""


def _shared(plan: Plan) -> str:
    """What several studies have is trained once: how many epochs that saves of all that is asked."""
    shared = plan.epochs_asked - plan.epochs_distinct
    return f"; what studies share is trained once, which saves {counted(shared, 'epoch')}" if shared else ""


def _lowered(plan: Plan) -> str:
    """What the reduced protocol takes of this data."""
    if not any(s.reduced for s in plan.studies):
        return "nothing to reduce here"
    images, there = quick_images(plan.protocol.images), plan.protocol.images
    taken = f"all {there:,}" if images == there else f"at most {images:,} of {there:,}"
    fewer = "fewer epochs and configurations" if any(s.search for s in plan.studies) else "fewer epochs"
    return f"{taken} training examples, {fewer}; nothing is judged"


def plan_heading(
    plan: Plan, clock: PlanClock, saved: Sequence[int] = (), searched: Mapping[str, SearchOnRecord] = NOTHING
) -> str:
    """What a run is about to do, in two or three lines; `saved`: epochs behind each trial that goes on."""
    if len(plan.studies) < 4:
        lines = _questions(plan)
    else:
        lines = [f"{len(plan.studies)} studies: {', '.join(s.name for s in plan.studies)}"]
    if plan.protocol.quick:
        lines.append(f"Reduced: {_lowered(plan)}. Shows that it works, not what is true.")
    if plan.trials:
        lack = len(plan.missing)
        done = len(plan.trials) - lack
        record = f"{done} on record" if done else "none on record"
        todo = f", {resumed_words(saved)}{lack - len(saved)} {'new' if saved else 'to train'}" if done or saved else ""
        todo = f"{todo}, {clock.words(plan)}" if lack else ""
        lines.append(f"{_shape(plan)}{counted(len(plan.trials), 'trial')}, {record}{todo}.")
    lines += test_part_lines(plan)
    searches = [search_lines(s, plan, clock, searched.get(s.name)) for s in plan.studies if s.search]
    return "\n".join([*lines, *(text for said in searches for text in said)])


def _shape(plan: Plan) -> str:
    """Arms, seeds and epochs of a plan of one study."""
    if len(plan.studies) > 1:
        return ""
    study, asked = plan.studies[0], seeds_asked(plan)
    arms = "" if plan.protocol.arm_seeds else f"{counted(len(study.arms), 'arm')} x "
    epochs = {study.config(a.name).epochs for a in study.arms}
    long = f" x {counted(min(epochs), 'epoch')}" if len(epochs) == 1 else ""
    return f"{arms}{asked}{long}: "


def _questions(plan: Plan) -> list[str]:
    """A line a study: what it asks."""
    wide = max(len(s.name) for s in plan.studies)
    return [f"{s.name:{wide}s}  {first_sentence(' '.join(s.question.split()))}".rstrip() for s in plan.studies]


def selection_lines(plan: Plan) -> list[str]:
    """What a plan says of claims whose numbers are selected on the validation part."""
    claims = [(s, f"{s.name}/{claim}") for s in plan.studies for claim in selected_claims(s)]
    if not claims:
        return []
    way = "write held_out: 0.1 in base, and test_accuracy or test_loss in the claim"
    if all("held_out" in s.base for s, _ in claims):
        way = "ask test_accuracy or test_loss, after the last epoch or at best"
    names = _first_of([name for _, name in claims])
    return [
        _labelled("claims", f"{SELECTED_ON}, so their numbers flatter: {names}"),
        _labelled("", f"to judge on test, {way}"),
    ]


def test_part_lines(plan: Plan) -> list[str]:
    """What studies hold out by themselves, since they select, and which claims are judged by the test part."""
    held_out, size, said = TrialConfig(held_out=plan.protocol.hold_out).images_held_out(plan.size.train), plan.size, []
    for study in (s for s in plan.studies if s.name in plan.protocol.selecting):
        judged = _first_of(claims_on_test(study))
        parts = (
            f"of {size.train:,} training examples {held_out:,} are held out for that, and the data's own validation "
            f"part, {size.val:,}, is the test part"
            if held_out
            else "the data have a test part"
        )
        said.append(
            f"{study.name} selects on validation examples: {parts} (held_out: 0 in base: not so)"
            + (f"; judged on test: {judged}" if judged else "")
        )
    return said


def _first_of(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def claims_lines(
    verdicts: Sequence[Verdict], lacking: Mapping[str, str], also: Sequence[str], letters: CharacterSet = UNICODE
) -> list[str]:
    """What the claims of a plan stand at and still need, under a head; nothing where there is nothing to say."""
    marks = marks_of(letters)
    known = [v for v in verdicts if v.verdict != "missing"]
    wide = max((len(v.id) for v in known), default=0)
    lines = [f"  {marks[v.verdict]} {v.id:{wide}s}  {_stands(v)}" for v in known]
    lines += [f"  {claim} gets no verdict: {why}" for claim, why in lacking.items()]
    lines += [f"  {line}" for line in also]
    return ["", "Claims", *lines] if lines else []


def _stands(v: Verdict) -> str:
    """What a claim stands at, and how many seeds it would need."""
    from analysis.claims.sentences import seeds_needed

    word = WORDS[v.verdict]
    if v.settled:
        return f"{word}: needs no more seeds"
    need = seeds_needed(v)
    return f"{word}: {need}" if need else word


def next_commands(
    plan: Plan, results: str, typed: Sequence[str], words: str, done: Collection[str] = ()
) -> list[tuple[str, str]]:
    """What to type after a plan, each with what it does: the run that it is of, or the page and more seeds.

    Args:
        plan: what was shown.
        results: the results folder.
        typed: the words of the command that showed it, after `study`.
        words: how long the run takes.
        done: searches of which nothing is left to be trained.
    """
    if plan.missing:
        return [(shlex.join(["study", "run", *of_a_run(typed)]), f"{counted(len(plan.missing), 'trial')}, {words}")]
    if any(s.search and s.name not in done for s in plan.studies):
        return [(shlex.join(["study", "run", *of_a_run(typed)]), "")]
    return [(shlex.join(["study", "report", results]), "the page with curves and every trial")]


NOTHING_LACKS: Mapping[str, str] = {}
"""All claims have a place."""


def plan_json(
    plan: Plan,
    clock: PlanClock,
    needs: Sequence[NeededStudy],
    results: str,
    decides: Sequence[StudyPower] = (),
    lacking: Mapping[str, str] = NOTHING_LACKS,
    searched: Mapping[str, SearchOnRecord] = NOTHING,
) -> str:
    """A plan, for programs."""
    from study.app.plan_power import power_json

    longest = max((t.seconds for t in plan.missing), default=0.0)
    searches = any(s.search for s in plan.studies)  # of a search there is a range alone
    seconds = None if searches else clock.seconds(plan.seconds_to_train, longest)
    low, high = clock.total_span(plan, over(searched))
    return json.dumps(
        {
            "studies": [s.name for s in plan.studies],
            "seeds": list(plan.protocol.seeds),
            "reduced": plan.protocol.quick,
            "results": results,
            "trials": {"distinct": len(plan.trials), "missing": len(plan.missing)},
            "epochs": {
                "asked": plan.epochs_asked, "distinct": plan.epochs_distinct, "to_train": plan.epochs_to_train
            },
            "searches": [asdict(s) for s in planned_searches(plan, searched)],
            "cores": clock.cores,
            "measured": clock.measured,
            "seconds": seconds,
            "seconds_low": low,
            "seconds_high": high,
            "needed_elsewhere": [
                {"study": n.study, "claims": list(n.claims), "trials": len(n.plan.missing)} for n in needs
            ],
            "decides": power_json(decides),
            "without_place": [{"claim": claim, "why": why} for claim, why in lacking.items()],
            "selected": [
                {"study": s.name, "claim": claim, "on": "val", "why": why}
                for s in plan.studies
                for claim, why in selected_claims(s).items()
            ],
            "test_part": [
                {"study": s.name, "held_out": s.base["held_out"], "judged_on_test": list(claims_on_test(s))}
                for s in plan.studies
                if s.base.get("held_out") and s.arms
            ],
        }
    )  # fmt: skip
