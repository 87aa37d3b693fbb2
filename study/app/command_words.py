"""The words of a command that was typed, changed for the one that comes next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from study.planning.seeds import seeds_text

if TYPE_CHECKING:
    from analysis.claims.verdicts import Verdict


def full_command(typed: Sequence[str]) -> str:
    """The same command without what reduces it; `typed`: after `study`.

    >>> full_command(["run", "a.yaml", "--quick", "--seeds", "2", "--results", "r"])
    'study run a.yaml --results r'
    """
    return shlex.join(["study", *(word for word in without_seeds(typed) if word != "--quick")])


def without_seeds(typed: Sequence[str]) -> list[str]:
    """The words of a command without those that say which seeds."""
    after = [i + 1 for i, word in enumerate(typed) if word == "--seeds"]
    return [w for i, w in enumerate(typed) if i not in after and w != "--seeds" and not w.startswith("--seeds=")]


def more_seeds_command(typed: Sequence[str], seeds: tuple[int, ...]) -> str:
    """The same command with other seeds; `typed`: after `study`.

    >>> more_seeds_command(["run", "a.yaml", "--seeds", "3", "--results", "r"], (0, 1, 2, 3, 4))
    'study run a.yaml --results r --seeds 5'
    """
    return shlex.join(["study", *without_seeds(typed), "--seeds", seeds_text(seeds)])


OF_RUN_ALONE = frozenset({"--metrics", "--dashboard", "--checkpoint-seconds", "--stall-seconds"})
"""Options of `study run` with a value that `study decide` does not take."""


def decide_command(typed: Sequence[str]) -> str:
    """The command that buys seeds for the same studies, with the same data and folder; `typed`: after `study`.

    >>> decide_command(["run", "a.yaml", "--seeds", "5", "--metrics=penalty", "--data-dir", ".", "--keep-checkpoints"])
    'study decide a.yaml --data-dir .'
    """
    words = without_seeds(typed)[1:]
    values = [i + 1 for i, word in enumerate(words) if word in OF_RUN_ALONE]
    kept = (
        word
        for i, word in enumerate(words)
        if i not in values and word.partition("=")[0] not in OF_RUN_ALONE | {"--keep-checkpoints"}
    )
    return shlex.join(["study", "decide", *kept])


def claims_to_decide(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The open claims that more seeds may decide, as far as the seeds so far tell."""
    from study.app.decide_request import MAX_SEEDS
    from study.app.seed_offers import MIN_CHANCE

    known = ((v.id, v.need) for v in verdicts if v.verdict == "open" and not v.for_good)
    return tuple(name for name, need in known if need and need.by_seed[min(MAX_SEEDS, need.most) - 1] >= MIN_CHANCE)


FILLS_GAP = "fills the gap in the seeds: later ones wait"
"""What such a command does."""
MERGE_FILLS = "; study merge does too, with a folder that has the first ones"
"""And what else does, for the second of two people who share the seeds."""


def seeds_that_fill(verdicts: Iterable[Verdict]) -> tuple[int, ...]:
    """All seeds up to those that wait behind a gap, of claims that are not decided; none where no seed waits."""
    return tuple(sorted({seed for v in verdicts for seed in v.fills}))
