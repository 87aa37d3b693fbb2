"""Which form of a verb fits the name of an arm: "dropout lowers", "four units lower".

A name is plural where its noun is: the last word before the first preposition ends in a plural s, or two nouns are
joined by "and". A name that a study file leaves out is one word with a hyphen or a digit, and takes the singular.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLURALS: Mapping[str, str] = {
    "averages": "average", "changes": "change", "cuts": "cut", "does": "do", "ends": "end", "has": "have", "is": "are",
    "its": "their", "lacks": "lack", "lowers": "lower", "raises": "raise", "reaches": "reach",
    "trains": "train", "was": "were", "widens": "widen",
}  # fmt: skip
"""What follows a plural in place of what follows a singular."""
NOUN_ENDS = re.compile(
    r"[,;:(]|\b(?:above|after|as|at|before|below|between|by|during|for|from|having|in|inside|of|on|over|per|starting|"
    r"than|that|to|trained|under|until|using|via|when|where|which|whose|with|within|without)\b",
    re.IGNORECASE,
)
"""From here on a name says more of its noun."""
SINGULAR_FIRST = frozenset({"1", "a", "an", "another", "each", "every", "one", "this"})
COUNTS_WITH_A = frozenset({"couple", "dozen", "few", "hundred", "million", "thousand"})
AFTER_THE_NOUN = frozenset({"apart", "deep", "each", "fewer", "less", "long", "more", "wide"})
NO_PLURALS = frozenset({"always", "lars", "lens", "news", "series", "sometimes", "times"})
SINGULAR_ENDS = ("as", "is", "os", "ss", "us", "'s", "\N{RIGHT SINGLE QUOTATION MARK}s")


def agree(subject: str, verb: str) -> str:
    """A verb in the form that fits a name; it is given as it follows a singular.

    >>> agree("four units", "lowers"), agree("dropout", "lowers"), agree("a rate of 10 steps", "has")
    ('lower', 'lowers', 'has')
    """
    return PLURALS[verb] if is_plural(subject) else verb


def with_verb(subject: str, rest: str) -> str:
    """A name before what is said of it, whose first word may be a verb that has to fit.

    >>> with_verb("four units", "has no trials"), with_verb("four units", "diverged")
    ('four units have no trials', 'four units diverged')
    """
    first, space, more = rest.partition(" ")
    return f"{subject} {agree(subject, first) if first in PLURALS else first}{space}{more}"


def is_plural(name: str) -> bool:
    """Whether a name is of several.

    >>> [is_plural(n) for n in ("small batches of 8", "dropout and decay", "batches-8", "one of four units", "bias")]
    [True, True, False, False, False]
    >>> is_plural("black and white input"), is_plural("black-and-white input")  # a hyphen makes one of two
    (True, False)
    >>> is_plural("s"), is_plural("arm S"), is_plural("xs")  # no letters are left for a noun
    (False, False, False)
    """
    words = NOUN_ENDS.split(name, maxsplit=1)[0].split()
    lower = [word.lower() for word in words]
    if "and" in lower[1:-1]:
        return True
    if not words or (lower[0] in SINGULAR_FIRST and lower[1:2] and lower[1] not in COUNTS_WITH_A):
        return False
    noun = words[-2] if lower[-1] in AFTER_THE_NOUN and len(words) > 1 else words[-1]
    return _ends_in_plural(noun) and not (len(words) == 1 and not noun.isalpha())


def _ends_in_plural(word: str) -> bool:
    return len(word) > 2 and word.endswith("s") and word.lower() not in NO_PLURALS and not word.endswith(SINGULAR_ENDS)
