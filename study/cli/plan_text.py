"""A plan as text: a few lines, then who wants what."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.text.numbers import counted
from study.app.plan_clock import PlanClock
from study.app.plan_power import StudyPower, power_json
from study.app.plan_studies import NeededStudy
from study.cli.catalog_text import first_sentence
from study.planning.plan import Plan
from study.planning.protocol import quick_images
from study.planning.seeds import seeds_option, seeds_words
from study.spec.selection import SELECTED_ON, claims_on_test, selected_claims
from study.spec.study import Study
from trainables.config.trial_config import TrialConfig
from trainables.jobs.cpu_info import has_bf16
from trainables.training.gpu_memory import DataSize


def seeds_asked(plan: Plan) -> str:
    """The seeds that are asked for, counted; where they are asked of some arms only, of how many."""
    seeds, some = seeds_words(plan.protocol.seeds), plan.protocol.arm_seeds
    if not some:
        return seeds
    each = "" if len(set(some.values())) == 1 else ", not all of each"
    return f"{seeds} of {counted(len(some), 'arm', 'arms')}{each}"


def plan_text(plan: Plan, clock: PlanClock) -> str:
    """A plan in a few lines."""
    lines = _questions(plan) if len(plan.studies) < 4 else []
    lines += [
        f"{counted(len(plan.studies), 'study', 'studies')}, {seeds_asked(plan)}"
        + (f", reduced: {_lowered(plan)}" if plan.protocol.quick else ""),
    ]
    if plan.trials:
        lines += [
            f"  trials   {len(plan.trials)} in all, {len(plan.trials) - len(plan.missing)} on record, "
            f"{len(plan.missing)} to train",
            f"  epochs   {plan.epochs_to_train:,} to train" + _shared(plan),
        ]
    lines += [_described(s, plan, clock) for s in plan.studies if s.search]
    if plan.missing:
        lines.append(f"  time     {clock.words(plan)} {clock.place}")
    lines += [f"  parts    {line}" for line in test_part_lines(plan)] + selection_lines(plan)
    used = {(t.config.device, t.config.precision) for t in plan.missing}
    used |= {(s.base.get("device", "cpu"), s.base.get("precision", "fp32")) for s in plan.studies if s.search}
    if ("cpu", "bf16") in used and not has_bf16():
        lines.append("  bf16     slow here: this processor has no products in bf16, and fp32 is many times as fast")
    return "\n".join(lines)


def _shared(plan: Plan) -> str:
    """What need not be trained because several studies have it."""
    shared = plan.epochs_asked - plan.epochs_distinct
    return f"; {shared:,} more are shared between studies" if shared else ""


def _lowered(plan: Plan) -> str:
    """What the reduced protocol takes of this data."""
    if not any(s.reduced for s in plan.studies):
        return "nothing to reduce here"
    images, there = quick_images(plan.protocol.images), plan.protocol.images
    taken = f"all {there:,}" if images == there else f"at most {images:,} of {there:,}"
    return f"{taken} training images, fewer epochs; nothing is judged"


def _described(study: Study, plan: Plan, clock: PlanClock) -> str:
    """A search in a line."""
    search = study.search
    assert search is not None
    trials = len(search.parts()) * search.trials * search.seeds
    return (
        f"  search   {study.name}: {trials // search.seeds} configurations x {search.seeds} seeds, {search.searcher}, "
        f"scheduler {search.scheduler.name}; at most {trials * study.epochs} epochs, then the best under fresh seeds: "
        f"{clock.search_words(plan, study)} {clock.place}{_parts(study, plan.size)}"
    )


def _parts(study: Study, size: DataSize) -> str:
    """What a search selects on, where it holds something out."""
    held = TrialConfig(held_out=study.base.get("held_out", 0.0), fold=study.base.get("fold", 0)).images_held_out(
        size.train
    )
    if not held:
        return ""
    return (
        f"; of {size.train:,} training images {held:,} are held out to select on; the data's own validation part, "
        f"{size.val:,}, is the test part, on which the winners are evaluated once"
    )


def plan_heading(plan: Plan, clock: PlanClock) -> str:
    """What a run is about to do, in two or three lines."""
    if len(plan.studies) < 4:
        lines = _questions(plan)
    else:
        lines = [f"{len(plan.studies)} studies: {', '.join(s.name for s in plan.studies)}"]
    if plan.protocol.quick:
        lines.append(f"Reduced: {_lowered(plan)}. Shows that it works, not what is true.")
    if plan.trials:
        held = len(plan.trials) - len(plan.missing)
        shape = ""
        if len(plan.studies) == 1:
            some = plan.protocol.arm_seeds
            shape = (
                seeds_asked(plan)
                if some
                else f"{counted(len(plan.studies[0].arms), 'arm', 'arms')} x {seeds_asked(plan)}"
            )
            shape += ": "
        record = f"{held} on record" if held else "none on record"
        todo = f", {len(plan.missing)} to train, {clock.words(plan)}" if plan.missing else ""
        lines.append(f"{shape}{counted(len(plan.trials), 'trial', 'trials')}, {record}{todo}.")
    lines += test_part_lines(plan)
    return "\n".join([*lines, *(_described(s, plan, clock).strip() for s in plan.studies if s.search)])


def _questions(plan: Plan) -> list[str]:
    """A line a study: what it asks."""
    return [f"{s.name}  {first_sentence(' '.join(s.question.split()))}".rstrip() for s in plan.studies]


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
        f"  claims   {SELECTED_ON}, so their numbers flatter: {names}",
        f"           to judge on test, {way}",
    ]


def test_part_lines(plan: Plan) -> list[str]:
    """What studies hold out by themselves, since they select, and which claims are judged by the test part."""
    held, size, said = TrialConfig(held_out=plan.protocol.hold_out).images_held_out(plan.size.train), plan.size, []
    for study in (s for s in plan.studies if s.name in plan.protocol.selecting):
        judged = _first_of(claims_on_test(study))
        parts = (
            f"of {size.train:,} training images {held:,} are held out for that, and the data's own validation part, "
            f"{size.val:,}, is the test part"
            if held
            else "the data have a test part"
        )
        said.append(
            f"{study.name} selects on validation images: {parts} (held_out: 0 in base: not so)"
            + (f"; judged on test: {judged}" if judged else "")
        )
    return said


def _first_of(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def missing_by_arm(plan: Plan) -> str:
    """The missing trials, by who wants them."""
    lines = []
    counts = Counter(t.wanted_by for t in plan.missing)
    for names, n in sorted(counts.items(), key=lambda item: -item[1])[:40]:
        trial = next(t for t in plan.missing if t.wanted_by == names)
        lines.append(f"    {n} x {trial.config.epochs:4d} epochs  {', '.join(names)}")
    return "\n".join(lines)


def needed_lines(needs: Sequence[NeededStudy], names: Sequence[str], results: str, clock: PlanClock) -> list[str]:
    """What claims need of studies that are not named, with the command and its price."""
    lines = ["  claims"]
    for need in needs:
        elsewhere = replace(clock, inline=False)
        command = shlex.join(
            ["study", "run", *names, need.study, "--results", results, *seeds_option(need.plan.protocol.seeds)]
        )
        lines += [
            f"    {', '.join(need.claims)} also {'needs' if len(need.claims) == 1 else 'need'} {need.study}: "
            f"{counted(len(need.plan.missing), 'trial', 'trials')}, {elsewhere.words(need.plan)}",
            f"      {command}",
        ]
    return lines


def next_command(plan: Plan, results: str, typed: Sequence[str]) -> str:
    """What to type after a plan: the run that it is of, or the page where nothing is to be trained.

    Args:
        plan: what was shown.
        results: the results folder.
        typed: the words of the command that showed it, after `study`.
    """
    if plan.missing or any(s.search for s in plan.studies):
        return shlex.join(["study", "run", *_of_a_run(typed[1:])])
    return shlex.join(["study", "report", results])


def _of_a_run(words: Sequence[str]) -> list[str]:
    """What of the words of a plan a run understands.

    >>> _of_a_run(["dropout", "--difference", "0.01", "--seeds", "3"])
    ['dropout', '--seeds', '3']
    """
    values = [i + 1 for i, word in enumerate(words) if word == "--difference"]
    return [w for i, w in enumerate(words) if i not in values and not w.startswith("--difference")]


NOTHING_LACKS: Mapping[str, str] = {}
"""All claims have a place."""


def plan_json(
    plan: Plan,
    clock: PlanClock,
    needs: Sequence[NeededStudy],
    results: str,
    decides: Sequence[StudyPower] = (),
    lacking: Mapping[str, str] = NOTHING_LACKS,
) -> str:
    """A plan, for programs."""
    longest = max((t.seconds for t in plan.missing), default=0.0)
    seconds = clock.seconds(plan.seconds_to_train, longest)
    low, high = clock.whole_span(plan)
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
