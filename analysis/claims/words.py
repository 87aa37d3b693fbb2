"""The words of a verdict: everywhere the same, in data, on the page and in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

VerdictWord = Literal[
    "supported", "refuted", "open", "not-enough-seeds", "no-place", "not-judged", "missing", "reduced", "mechanism"
]
"""`open`: judged, and not decided. `not-enough-seeds`: an estimate and no verdict. `no-place`: its family had
none left for it, so it is shown without a verdict. `not-judged`: something else stands in the way that no seed mends,
such as arms that may not be compared. `missing`: it lacks records.
`reduced`: run with fewer epochs or images than the study declares, so not judged. `mechanism`: it holds by construction
and is counted, not judged."""
VERDICTS: tuple[VerdictWord, ...] = get_args(VerdictWord)
ALWAYS_SHOWN: tuple[VerdictWord, ...] = ("supported", "refuted", "open")
"""Counted in a summary even where there are none, as soon as one of them is there."""
DECIDED: tuple[VerdictWord, ...] = ("supported", "refuted")
"""A verdict for good: more seeds do not change it."""
WORDS: Mapping[VerdictWord, str] = {
    "supported": "supported",
    "refuted": "refuted",
    "open": "open",
    "not-enough-seeds": "not enough seeds",
    "no-place": "no place",
    "not-judged": "not judged",
    "missing": "missing",
    "reduced": "not judged (reduced)",
    "mechanism": "mechanism",
}
"""As people read them, on the page and in the terminal."""
ASCII_MARKS: Mapping[VerdictWord, str] = {
    "supported": "+",
    "refuted": "x",
    "open": "?",
    "not-enough-seeds": "?",
    "no-place": "-",
    "not-judged": "-",
    "missing": "!",
    "reduced": "-",
    "mechanism": "=",
}
"""The letter before each in a terminal that has these letters alone."""
MARKS: Mapping[VerdictWord, str] = {**ASCII_MARKS, "supported": "✓", "refuted": "✗"}
"""The letter before each in a terminal."""
LACKS_RECORDS = frozenset({"missing", "seeds", "stopped", "failed", "no-tensor", "no-metric"})
"""Why there is no number where records would help; with any other reason a claim is not judged."""

GO_ON_SO = "if all go on so"
"""What seeds that all give one number would decide, in the reason of a claim: it needs no other number of seeds."""
UNDECIDED = "the seeds do not tell yet"
"""Why a claim is open where nothing else stands in its way."""


def counted_verdicts(verdicts: Iterable[VerdictWord]) -> tuple[tuple[VerdictWord, int], ...]:
    """Count verdicts, as a summary shows them, in order: where nothing is judged, only what there is.

    >>> counted_verdicts(["reduced", "reduced"]), counted_verdicts(["open", "missing"])
    ((('reduced', 2),), (('supported', 0), ('refuted', 0), ('open', 1), ('missing', 1)))
    """
    there = list(verdicts)
    counts = {v: there.count(v) for v in VERDICTS}
    always = ALWAYS_SHOWN if any(counts[v] for v in ALWAYS_SHOWN) else ()
    return tuple((v, n) for v, n in counts.items() if n or v in always)
