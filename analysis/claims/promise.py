"""What verdicts are worth in words: the guarantee with what it assumes, and which examples they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from analysis.claims.sentences import parts_relied_on
from analysis.statistics.assumption import BY_CHANCE
from study.spec.selection import quantities_selected
from trainables.config.plurals import counted
from trainables.records.metrics import OF_TEST

if TYPE_CHECKING:
    from analysis.claims.judged_part import JudgedPart
    from analysis.claims.verdicts import Verdict

DOUBTED = {"one seed far from the rest": "one is far from the rest", "two groups of seeds": "they fall into two groups"}
"""What speaks against normal seeds, said of the seeds."""
ON_EXAMPLES = "A verdict is about the validation examples that were used."


def guarantee(families: Mapping[str, int]) -> str:
    """What the 5 % means and what it assumes, wherever it is printed; families by name with their places."""
    families = {_family(name): places for name, places in families.items()}
    if len(families) == 1:
        ((name, places),) = families.items()
        about = f"the verdict of {name}" if places == 1 else f"any of the at most {places} verdicts of {name}"
        wrong = f"{about} is wrong"
    else:
        named = " and ".join(f"{places} of {name}" for name, places in families.items())
        wrong = f"any verdict of a family is wrong, here at most {named},"
    return _promised(wrong, "")


def _promised(wrong: str, over: str) -> str:
    promised = f"The chance that {wrong} is at most 5 %{over}."
    return f"{promised} This holds if seeds vary about normally, however often seeds are added."


def _of_study(name: str) -> str:
    """How a sentence calls a study, which may be the answer of a search.

    >>> _of_study("tune.answer"), _of_study("digits")
    ('the answer of tune', 'digits')
    """
    searched = name.removesuffix(".answer")
    return name if searched == name else f"the answer of {searched}"


def _family(name: str) -> str:
    """How a sentence calls a family of claims.

    >>> _family("tune.answer"), _family("chapter")
    ('the answer of tune', 'the family "chapter"')
    """
    called = _of_study(name)
    return f'the family "{name}"' if called == name else called


def guarantees(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """What these verdicts are worth and are about; nothing where nothing is judged."""
    found = [v for v in verdicts if v.family and v.judged]
    if not found:
        return ()
    return (guarantee_of(found), *_doubted_by_chance(found), on_examples(found))


def guarantee_of(verdicts: Sequence[Verdict]) -> str:
    """What the 5 % means for these verdicts, which all have a family; of one alone, or of one study, in fewer words.

    That one is wrong has at most the chance that any of its family is.
    """
    families, studies = {v.family: v.places for v in verdicts}, {v.study for v in verdicts}
    if len(verdicts) == 1:
        return _promised("this verdict is wrong", "")
    if studies == set(families):
        ((study, places),) = families.items()
        return _promised(f"any verdict of {_of_study(study)} is wrong", f", for up to {counted(places, 'claim')}")
    return guarantee(families)


def _doubted_by_chance(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Of how many parts the seeds do not look normal, and of how many they would not if they were."""
    asked = [part for v in verdicts for _, part in parts_relied_on(v) if part.doubts_asked]
    n = sum(bool(part.doubts) for part in asked)
    if n and len(asked) == 1:
        what = " and ".join(DOUBTED[doubt.what] for doubt in asked[0].doubts)
        yield f"The seeds do not look normal ({what}), so the interval may be too narrow."
    elif n:
        chance = round(BY_CHANCE * len(asked))
        yield (
            f"The seeds of {n} of {counted(len(asked), 'part')} do not look normal: there intervals may be too narrow. "
            f"By chance alone {f'about {chance}' if chance else 'hardly any'} would look so."
        )


def on_examples(verdicts: Iterable[Verdict]) -> str:
    """Which examples verdicts are about."""
    on_parts = {on_test(part) for v in verdicts for part in v.parts}
    parts = [name for name, test in (("validation", False), ("test", True)) if test in on_parts]
    return ON_EXAMPLES.replace("validation", " and ".join(parts) or "validation")


def on_test(part: JudgedPart) -> bool:
    """Whether a part of a claim speaks of the test part."""
    return part.form is not None and any(q.metric in OF_TEST for q in quantities_selected(part.form))
