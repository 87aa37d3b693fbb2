"""Mistakes of a study that are found beside a results folder or beside other studies: the file and the line of each."""

from __future__ import annotations

from collections.abc import Iterable

from study.spec.faults import BadValues, Fault, Place
from study.spec.study import Study
from study.spec.study_file import StudySource
from trainables.config.errors import BadInput, StudyError


def located(error: StudyError, given: Iterable[StudySource]) -> StudyError:
    """The same error, its lines with file and line number where they are about a study that was read from YAML.

    Args:
        error: whose fields name a study, such as `study mine, claim c, from_seed`.
        given: the studies as they were read.
    """
    if not isinstance(error, BadInput):
        return error
    sources = [source for source in given if source.written is not None]
    if not isinstance(error, BadValues):
        line = _line(Fault((error.field,), error.value, error.expected), sources)
        return BadValues([Fault((error.field,), error.value, error.expected)], [line]) if line else error
    if len(error.faults) != len(error.lines):
        return error
    pairs = zip(error.faults, error.lines, strict=True)
    return BadValues(error.faults, [_line(fault, sources) or line for fault, line in pairs])


def _line(fault: Fault, sources: Iterable[StudySource]) -> str:
    """A mistake as a line with its place in a file; empty where it is about none of the studies."""
    field = str(fault.at[0]) if len(fault.at) == 1 else ""
    about, _, rest = field.partition(", ")
    for source in reversed([*sources]):  # of two of a name the later one is refused
        mine = about == f"study {source.study.name}" or (field == "name" and fault.value == source.study.name)
        if mine and source.written is not None:
            at = _place(source.study, rest or field, fault.value)
            absent = not fault.value and at not in source.written.places  # a default that nobody wrote
            return source.written.line(Fault(at, fault.value, fault.expected, absent=absent))
    return ""


def _place(study: Study, words: str, value: object) -> Place:
    """The place that words such as `claim c, from_seed` mean; of `arm` alone, the arm that is the value."""
    at: Place = ()
    for word in words.split(", "):
        kind, _, name = word.partition(" ")
        names, called = {
            "claim": ([c.id for c in study.claims], "id"),
            "arm": ([a.name for a in study.arms], "name"),
        }.get(kind, ([], ""))
        if not called:
            at = (*at, *word.split("."))
        elif (name or value) in names:
            at = (f"{kind}s", names.index(str(name or value)), *(() if name else (called,)))
    return at
