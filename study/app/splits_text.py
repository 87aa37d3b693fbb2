"""What a study says over repeated splits, for a terminal, for JSON and for Python. Values and text; no printing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from study.app.fitted_table import fitted_table
from study.app.live_view import CharacterSet
from study.spec.study import Study
from study.storage.results_folder import ResultsFolder

if TYPE_CHECKING:
    import pandas as pd

    from analysis.report.inputs import ReportInputs


def over_splits(store: ResultsFolder, studies: Sequence[Study]) -> pd.DataFrame | None:
    """The table of repeated splits of some studies, as they are on record; None where none has any."""
    if not any(_has_splits(study) for study in studies):
        return None
    from analysis.report.inputs import read_inputs

    inputs = read_inputs(store)
    found = splits_of(inputs, [inputs.studies[s.name] for s in studies if s.name in inputs.studies])
    return found if len(found) else None


def splits_of(inputs: ReportInputs, studies: Iterable[Study]) -> pd.DataFrame:
    """The same of what was read, without a row where there are none."""
    import pandas as pd

    from analysis.tables.repeated_splits import SPLIT_COLUMNS, repeated_splits
    from study.storage.run_records import known_data

    data = known_data(inputs.runs)
    tables = (repeated_splits(s, inputs.frames, inputs.seeds_by_arm(s), data) for s in studies if s.arms)
    found = [t for t in tables if len(t)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(SPLIT_COLUMNS))


def _has_splits(study: Study) -> bool:
    return len({(c.split_seed, c.fold) for c in (study.config(arm.name) for arm in study.arms)}) > 1


def splits_lines(found: pd.DataFrame, width: int, letters: CharacterSet) -> list[str]:
    """The table in lines, a setting each, and what it is worth."""
    from analysis.tables.sheets import splits_sheet

    sheet = splits_sheet(found, "")
    heads = [head.replace("What its arms change", "over splits") for head in sheet.heads]
    kept = [i for i, head in enumerate(heads) if head != "Arms"]
    columns = [(heads[i], [row[i].text.replace("±", letters.plus_minus) for row in sheet.rows]) for i in kept]
    notes = (note.replace("±", letters.plus_minus) for note in sheet.notes)
    lines = [*fitted_table(columns, width, keep=5), *(line for note in notes for line in textwrap.wrap(note, width))]
    return [*map(letters.minus, lines)]
