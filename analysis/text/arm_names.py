"""How a sentence calls an arm, everywhere: in the words that its study gives it, else by its name."""

from __future__ import annotations

from collections.abc import Mapping

from study.storage.search_answer import IN_SENTENCES

NO_WORDS = frozenset({
    "all", "and", "as", "at", "baseline", "by", "default", "false", "from", "in", "more", "no", "none", "not", "null",
    "of", "off", "on", "or", "other", "same", "than", "that", "the", "this", "to", "true", "with", "without", "yes",
})  # fmt: skip
"""Names that read as something else in a sentence."""

PROPER_NAMES: Mapping[str, str] = {
    "sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "adagrad": "Adagrad", "adadelta": "Adadelta", "rmsprop": "RMSprop",
    "lbfgs": "L-BFGS", "relu": "ReLU", "l1": "L1", **IN_SENTENCES,
}  # fmt: skip
"""Arms that are called like these, by a search or by a person, are written so in a sentence."""


def called(say: str, arm: str) -> str:
    """An arm in the words of its study; by its name where it has none.

    >>> called("a small rate", "lr-0.01"), called("", "none")
    ('a small rate', 'arm none')
    """
    return say or by_name(arm)


def by_name(arm: str) -> str:
    """What an arm is called that has no other words than its name.

    >>> by_name("dropout-0.25"), by_name("With"), by_name("32"), by_name("sgd"), by_name("winner")
    ('dropout-0.25', 'arm With', 'arm 32', 'SGD', 'the winner')
    """
    if arm in PROPER_NAMES:
        return PROPER_NAMES[arm]
    return f"arm {arm}" if arm.lower() in NO_WORDS or not arm[:1].isalpha() else arm
