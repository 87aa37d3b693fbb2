"""What a study says over repeated splits: a table, and no verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from analysis.report.page_tree import Section, Table, anchor
from analysis.tables.sheets import splits_sheet
from study.spec.selection import selected_note
from study.spec.study import Study


def over_splits(study: Study, table: pd.DataFrame) -> Iterable[Section]:
    """The table of `analysis.tables.repeated_splits` as a section; nothing where it has no row."""
    if len(table):
        sheet = splits_sheet(table, f"Over repeated splits, {study.title}")
        sheet = replace(sheet, notes=(*sheet.notes, *filter(None, [selected_note(study).strip()])))
        inside = (Table(f"{study.name}-splits", sheet),)
        yield Section(anchor(study.name, "splits"), "Over repeated splits", inside, 3)
