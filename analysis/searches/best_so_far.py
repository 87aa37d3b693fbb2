"""The best of a search that goes on, in a sentence."""

from __future__ import annotations

from analysis.searches.answer_sentences import places, quantity, selected_on, units
from analysis.searches.findings import SearchFindings
from analysis.text.arm_names import by_name
from analysis.text.numbers import knob_texts, written
from trainables.config.plurals import counted
from trainables.records.metrics import METRICS


def best_so_far(found: SearchFindings) -> str:
    """The best of those that came furthest, in a sentence; empty where none has a number, and of two objectives."""
    search, frame = found.part.search, found.proposals
    known = frame[frame["value"].notna() & (frame["state"] != "diverged") & (frame["epochs"] > 0)]
    if known.empty or len(search.objectives) > 1:
        return ""
    far = int(known["epochs"].max())
    first = known[known["epochs"] == far]
    objective = search.objectives[0]
    values = first["value"].astype(float)
    row = first.loc[values.idxmin() if METRICS[objective].direction == "lower" else values.idxmax()]
    (factor, unit, _), value = units(objective), float(row["value"])
    knobs = knob_texts(found.part.proposals[int(row["n"])].point.knobs)
    of = f" of {by_name(found.part.label)}" if found.part.label else ""
    whole = found.part.epochs
    after = "" if far >= whole else f" after {far} of {counted(whole, 'epoch')}"
    number = written(factor * value, places(objective, value)) + unit
    level = f"{number} {quantity(objective)}{after}{selected_on(objective)}"
    return f"The best so far{of} has {level}: {knobs}."
