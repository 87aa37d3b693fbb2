"""What must be known of one study before its numbers are read: what is missing, broken, reduced or changed."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.data.arms import Asked, asked_of
from analysis.data.possibly_broken import possibly_broken
from analysis.report.inputs import REWORDED, ReportInputs
from analysis.report.page_tree import Block, Notice, Paragraph
from analysis.report.plain_words import arm_name
from analysis.report.verdict_section import ENDS
from analysis.text.phrases import first_up
from study.planning.input_scale import scale_note_on_record
from study.planning.seeds import seeds_named
from study.spec.study import Study
from study.storage.run_records import known_data
from trainables.config.plurals import counted
from trainables.data.facts import ONE_CLASS, TOO_FEW


def notices(inputs: ReportInputs, study: Study, arms: pd.DataFrame, asked: Asked) -> Iterable[Block]:
    """All of it, a notice a kind."""
    lost = missing_lines(study, arms, asked)
    if lost and not inputs.provisional:
        yield Notice("Missing" if any("no trial" in line for line in lost) else "Bear in mind", tuple(lost))
    if study.reduced:
        yield reduced_notice(study)
    if broken := possibly_broken(study, inputs.frames, known_data(inputs.runs), asked):
        yield Notice("Possibly broken", tuple(f"{head_of_line(study, arm.arm)}: {arm.reason}" for arm in broken))
    yield from scale_notice(inputs, study)


def changed_notice(inputs: ReportInputs, study: Study) -> Iterable[Block]:
    """What of a study changed after a run of it had begun; of what arms are called, which is no finding, quietly."""
    lines = inputs.changes.get(study.name, ())
    words = [line for line in lines if line.endswith(REWORDED)]
    if others := tuple(line for line in lines if line not in words):
        yield Notice("Changed after a run had begun", others)
    if words:
        said = "; ".join(line.removesuffix(f": {REWORDED}") for line in words)
        yield Paragraph(f"Renamed since a run began, and configured as before: {said}.", "note")


def head_of_line(study: Study, arm: str) -> str:
    """An arm at the head of a line: words begin with a capital, a name stays as it is."""
    return first_up(arm_name(study, arm)) if study.arm(arm).say else arm


def scale_notice(inputs: ReportInputs, study: Study) -> Iterable[Notice]:
    """Input whose scale does not fit."""
    if note := scale_note_on_record(study, inputs.runs):
        heads = {ONE_CLASS: "The classes of the data", TOO_FEW: "The images of the data"}
        yield Notice(next((head for sign, head in heads.items() if sign in note), "The scale of the input"), (note,))


def reduced_notice(study: Study) -> Notice:
    """What of a study was run less than it declares."""
    images = study.config(study.baseline).train_images if study.arms else study.base.get("train_images")
    of = "all training examples" if images is None else counted(images, "training example")
    text = f"{of}, at most {counted(study.epochs, 'epoch')}: fewer than the study declares, so nothing here is judged."
    return Notice("Reduced run", (text,))


def missing_lines(study: Study, arms: pd.DataFrame, asked: Asked) -> list[str]:
    """What a study still lacks, a line each."""
    if arms.empty:
        return ["There are no trials of this study."]
    lines = []
    for arm in study.arms:
        mine = arms[arms["arm"] == arm.name]
        wanted = asked_of(asked, study.name, arm.name) or (() if asked else arms["seed"])
        without = sorted(set(wanted) - set(mine["seed"]))
        name = head_of_line(study, arm.name)
        if mine.empty:
            lines.append(f"{name}: no trials")
        elif without:
            lines.append(f"{name}: no trial of {seeds_named(without)}")
        lines += _ends(name, mine[mine["status"] != "finished"])
    if arms["seed"].nunique() == 1:
        lines.append("One seed only: there is no interval, and nothing is decided.")
    return lines


def _ends(arm: str, lost: pd.DataFrame) -> Iterable[str]:
    """How the trials of an arm ended that did not finish, a line a kind."""
    for (status, done, epochs), rows in lost.groupby(["status", "epochs_done", "epochs"], sort=True, observed=True):
        of = counted(int(epochs), "epoch")
        yield f"{arm}, {seeds_named(map(int, rows['seed']))}: {ENDS[str(status)]} after {done} of {of}"
