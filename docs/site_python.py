"""The reference of the Python interface as Markdown, from its docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import study

ORDER = ("run", "open", "plan", "Results", "StudyPlan", "Study", "Arm", "Claim")
"""What a reader wants first stands first."""
MEMBERS_SHOWN = {"Results": "results", "StudyPlan": "plan"}
"""Values that are shown with all that they give, and how they are called there."""
IN_A_FILE = ("Study", "Arm", "Claim")
"""Values whose fields are those of a study file."""
SECTION = re.compile(r"^(Args|Returns|Raises):$", re.MULTILINE)
HEADS = {"Args": "argument", "Raises": "raises"}


def python() -> str:
    """What `import study` gives, from its docstrings."""
    parts = ["# From Python", "What `import study` gives. [Python and notebooks](../guides/python.md) shows it in use."]
    for name in (*ORDER, *sorted(set(study.__all__) - set(ORDER))):
        thing = getattr(study, name)
        parts += [f"## study.{name}", *_told(thing, f"study.{name}" if inspect.isfunction(thing) else "")]
        if name in IN_A_FILE:
            parts.append(f"Its fields are those [of a study file](study-file.md#{name.lower()}).")
        if called := MEMBERS_SHOWN.get(name):
            for member, value in vars(thing).items():
                plain = getattr(value, "fget", None) or getattr(value, "func", value)
                if not member.startswith("_") and callable(plain):  # else the default of a field, which the class tells
                    call = f"{called}.{member}" if plain is value else ""
                    parts += [f"### {called}.{member}", *_told(plain, call)]
    return "\n\n".join(parts) + "\n"


def _told(thing: Any, called: str) -> Iterator[str]:
    """What it does, how it is called where it can be, and what it takes, gives and raises."""
    words, *sections = SECTION.split(inspect.cleandoc(thing.__doc__ or ""))
    head, _, rest = words.strip().partition("\n\n")
    yield head
    if called:
        yield f"```python\n{called}{signature(thing)}\n```"
    if rest:
        yield rest
    for name, text in zip(sections[::2], sections[1::2], strict=True):
        told = inspect.cleandoc(text)
        if name == "Returns":
            yield f"It gives: {' '.join(told.split())}"
        else:
            yield _rows(HEADS[name], told)


def signature(function: Any) -> str:
    """How it is called, an argument a line where one line is too long."""
    said = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(function)))
    said = said.replace("(self, ", "(").replace("(self)", "()")
    if len(said) <= 80:
        return said
    inside, _, given = said[1:].rpartition(")")
    arguments = re.split(r", (?![^\[]*\])", inside)  # not within brackets
    return "(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){given}"


def _rows(head: str, text: str) -> str:
    """Lines `name: words`, whose words may go on below, as a table."""
    rows = re.findall(r"^(\w+): (.*(?:\n[ \t]+.*)*)", text, re.MULTILINE)
    lines = [f"| `{name}` | {' '.join(words.split())} |" for name, words in rows]
    return "\n".join([f"| {head} | what it is |", "| --- | --- |", *lines]).replace(
        "raises | what it is", "raises | when"
    )
