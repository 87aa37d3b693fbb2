"""What claims need of studies that a command does not name: which, at what price, and the command that adds them."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from study.app.plan_clock import PlanClock
from study.planning.seeds import seeds_option
from trainables.config.plurals import counted

if TYPE_CHECKING:
    from study.app.needed_studies import NeededStudy

PLAN_ONLY_OPTION = "--difference"
"""An option of `study plan` that `study run` has not."""


def also_command(typed: Sequence[str], names: Sequence[str], study: str, results: str, seeds: tuple[int, ...]) -> str:
    """The command that runs these studies with another one: as it was typed, whatever its options, with that name.

    Args:
        typed: the words of the command after `study`; of another command than plan and run only names, folder and
            seeds are taken.
        names: the studies, as they were given.
        study: the other one.
        results: the results folder.
        seeds: that are asked of every arm.

    >>> also_command(["plan", "a.yaml", "--data-dir", "d"], ["a.yaml"], "b", "r", (0, 1, 2, 3, 4))
    'study run a.yaml b --data-dir d --results r'
    """
    words = [*names, study, "--results", results, *seeds_option(seeds)]
    if typed and typed[0] in ("plan", "run") and any(word in names for word in typed):
        words = of_a_run(typed)
        last = max(i for i, word in enumerate(words) if word in names)
        words.insert(last + 1, study)
    if not any(w == "--results" or w.startswith("--results=") for w in words):
        words += ["--results", results]
    return shlex.join(["study", "run", *words])


def of_a_run(typed: Sequence[str]) -> list[str]:
    """What of the words of a plan, after `study`, a run understands.

    >>> of_a_run(["plan", "dropout", "--difference", "0.01", "--seeds", "3", "--json"])
    ['dropout', '--seeds', '3']
    """
    words = typed[1:]
    values = [i + 1 for i, word in enumerate(words) if word == PLAN_ONLY_OPTION]
    return [w for i, w in enumerate(words) if i not in values and not w.startswith((PLAN_ONLY_OPTION, "--json"))]


def also_lines(
    needs: Sequence[NeededStudy], typed: Sequence[str], names: Sequence[str], results: str, clock: PlanClock
) -> list[str]:
    """What claims need of studies that are not named, each with its price and, below it, the command."""
    lines = []
    elsewhere = dataclasses.replace(clock, inline=False)
    for need in needs:
        ids = ", ".join(need.claims)
        price = f"{counted(len(need.plan.missing), 'trial')}, {elsewhere.words(need.plan)}"
        lines += [
            f"{ids} also {'needs' if len(need.claims) == 1 else 'need'} {need.study}: {price}",
            f"  {also_command(typed, names, need.study, results, need.plan.protocol.seeds)}",
        ]
    return lines
