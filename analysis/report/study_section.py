"""One study's section: its question, arms, curves, overfitting table and verdicts, and precisely what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.claims.queries import Evidence
from analysis.claims.verdicts import Verdict, judge
from analysis.data.arms import arm_epochs, arm_frame, arm_tensors
from analysis.figures import for_study, missing
from analysis.figures.named_figure import NamedFigure
from analysis.report import search_section as searches
from analysis.report.extensions import nothing_beside
from analysis.report.inputs import ReportInputs
from analysis.report.page_tree import Block, Facts, Notice, Paragraph, Section, Table, anchor
from analysis.report.pictures import pictures
from analysis.report.verdict_section import ENDS, findings
from analysis.tables import effects as effects_module
from analysis.tables import overfitting as tables
from analysis.tables import runs as runs_module
from analysis.tables.sheets import overfitting_sheet
from analysis.text import numbers
from analysis.text.sheet import Cell, Sheet
from study.spec.study import Study

EFFECTS = ("val_accuracy", "accuracy_gap")
"""Metrics whose differences from the baseline are drawn."""


@dataclass(frozen=True)
class StudySection:
    """All that was computed for one study's section; it travels between processes."""

    verdicts: tuple[Verdict, ...]
    overfitting: pd.DataFrame
    runs: pd.DataFrame
    section: Section


def judged(
    material: ReportInputs, study: Study, beside: Callable[[str, str], Evidence] = nothing_beside
) -> StudySection:
    """Everything of one study: verdicts, tables, figures, section."""
    seeds = material.seeds(study.name)
    if not study.arms:
        return searched(material, study)
    verdicts = judge(study, material.frames, material.studies, material.grounds(study.name))
    table = tables.overfitting(study, material.frames, seeds)
    arms = arm_frame(material.frames, study)
    arms = arms if seeds is None else arms[arms["seed"].isin(seeds)]
    figures = _figures(material, study, seeds)
    curves = [f for f in figures if f.name.endswith(("-curves", "-arms", "-lr"))]
    others = [f for f in figures if f not in curves]
    blocks: list[Block] = [Paragraph(study.question, "lead")]
    blocks += _notices(material, study, arms, seeds or ())
    blocks.append(Table(f"{study.name}-setup", arms_sheet(study, arms, seeds or ())))
    blocks += [Section(anchor(study.name, "verdicts"), "Verdicts", tuple(findings(study, verdicts, beside)), 3)]
    blocks += [Section(anchor(study.name, "curves"), "Curves", pictures(curves), 3)]
    if len(table):
        sheet = overfitting_sheet(table, f"Overfitting, {study.title}")
        blocks.append(
            Section(anchor(study.name, "gaps"), "Overfitting", (Table(f"{study.name}-overfitting", sheet),), 3)
        )
    if others:
        blocks.append(Section(anchor(study.name, "more"), "Effects and distributions", pictures(others), 3))
    section = Section(anchor("study", study.name), study.title, tuple(blocks), short=study.name)
    runs = runs_module.runs([study], material.frames) if len(arms) else pd.DataFrame()
    return StudySection(tuple(verdicts), table, runs, section)


def _figures(material: ReportInputs, study: Study, seeds: Sequence[int] | None) -> list[NamedFigure]:
    try:
        effects = effects_module.effects(study, material.frames, seeds, EFFECTS) if len(study.arms) > 1 else None
        epochs, tensors = arm_epochs(material.frames, study), arm_tensors(material.frames, study)
        if seeds is not None:
            epochs, tensors = epochs[epochs["seed"].isin(seeds)], tensors[tensors["seed"].isin(seeds)]
        return for_study(study, epochs, tensors, effects)
    except (ValueError, KeyError, ArithmeticError, TypeError) as error:
        text = f"its records cannot be drawn ({type(error).__name__})"
        return [missing(f"{study.name}-curves", f"{study.title}: curves", text)]


# ------------------------------------------------------------------------------------------------------------- arms


def arms_sheet(study: Study, arms: pd.DataFrame, seeds: Sequence[int]) -> Sheet:
    """One row an arm: what it changes, how long it trains, and how its trials ended."""
    rows = []
    for arm in study.arms:
        mine = arms[arms["arm"] == arm.name]
        count = mine["status"].value_counts()
        absent = sorted(set(seeds) - set(mine["seed"]))
        label = arm.name + (" (baseline)" if arm.name == study.baseline else "") + (" (added)" if arm.extra else "")
        whole = int(count.get("finished", 0))
        epochs = study.config(arm.name).epochs
        ends = [f"{count[s]} {w}" for s, w in ENDS.items() if count.get(s, 0)]
        ends += [f"missing: seed {', '.join(map(str, absent))}"] if absent else []
        cells = [Cell(label), Cell(_change(arm.change)), Cell(str(epochs), epochs), Cell(str(whole), whole)]
        rows.append((*cells, Cell("; ".join(ends) or "-"), Cell(arm.note or "-")))
    base = ", ".join(f"{k} = {_shown(v)}" for k, v in sorted(study.base.items()))
    note = f"All arms: {base or 'every knob at its default'}."
    note += " Added: not in the source, for an explanation." if any(a.extra for a in study.arms) else ""
    heads = ("Arm", "What it changes", "Epochs", "Finished seeds", "Not finished", "Note")
    return Sheet(f"Arms, {study.title}", heads, tuple(rows), (note,))


def _change(change: Mapping[str, object]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in change.items()) or "nothing"


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return " + ".join(map(str, value)) or "none"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return numbers.plain(float(value))


def _notices(material: ReportInputs, study: Study, arms: pd.DataFrame, seeds: Sequence[int]) -> Iterable[Block]:
    lost = absent(study, arms, seeds)
    if lost:
        yield Notice("Missing", tuple(lost))
    if study.reduced:
        yield reduced_notice(study)
    if material.changes.get(study.name):
        yield Notice("Changed after a run had begun", material.changes[study.name])


def reduced_notice(study: Study) -> Notice:
    """What of a study was run less than it declares."""
    images = study.config(study.baseline).train_images if study.arms else study.base.get("train_images")
    of = "all training images" if images is None else f"{images} training images"
    text = f"{of}, at most {study.epochs} epochs: fewer than the study declares, so nothing here is judged."
    return Notice("Reduced protocol", (text,))


def absent(study: Study, arms: pd.DataFrame, seeds: Sequence[int]) -> list[str]:
    """What a study still lacks, a line each."""
    if arms.empty:
        return ["there are no trials of this study"]
    lines = []
    for arm in study.arms:
        mine = arms[arms["arm"] == arm.name]
        without = sorted(set(seeds or arms["seed"]) - set(mine["seed"]))
        if mine.empty:
            lines.append(f"{arm.name}: no trials")
        elif without:
            lines.append(f"{arm.name}: no trial of seed {', '.join(map(str, without))}")
        lines += [
            f"{arm.name}, seed {r.seed}: {ENDS[r.status]} after {r.epochs_done} of {r.epochs} epochs"
            for r in mine[mine["status"] != "finished"].itertuples()
        ]
    if arms["seed"].nunique() == 1:
        lines.append("one seed only: there is no interval, and nothing can be decided")
    return lines


# ---------------------------------------------------------------------------------------------------------- verdicts


def searched(material: ReportInputs, study: Study) -> StudySection:
    """A study that searches has no arms to compare: its finalists are a study of their own, under fresh seeds."""
    answer = f"{study.name}.answer"
    said = f"Its finalists are judged in the study {answer}." if answer in material.studies else "It has no finalists."
    facts = (("Knobs", ", ".join(study.knobs) or "those of its space"), ("Epochs at most", str(study.epochs)))
    blocks: list[Block] = [Paragraph(study.question, "lead"), Paragraph(said), Facts(facts)]
    blocks += [reduced_notice(study)] if study.reduced else []
    blocks += searches.blocks(material, study) if study.search else ()
    section = Section(anchor("study", study.name), study.title, tuple(blocks), short=study.name)
    return StudySection((), pd.DataFrame(), pd.DataFrame(), section)
