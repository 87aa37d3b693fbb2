"""What a search found: its proposals as a frame, importance of each knob, who was stopped where, edges of the space.

Frames to frames; how they are drawn is `analysis.figures.search_figures`, how they read `analysis.searches.sentences`.
Importances are computed from whole trials only, never from early-stopped ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.data.protocols import judged_version
from analysis.searches.broken_configurations import broken_sentence
from analysis.searches.importance import importances
from analysis.searches.proposal_frames import distinct, proposal_frame
from study.spec.points import on_edge
from study.storage.results_folder import ResultsFolder
from study.storage.search_events import pareto_front, ranked_proposals
from study.storage.search_log import SearchPart, current_parts, search_parts
from trainables.data.facts import DataFacts


@dataclass(frozen=True, eq=False)
class SearchFindings:
    """One part of a search, ready to be shown."""

    part: SearchPart
    proposals: pd.DataFrame
    """A row a configuration; see `proposal_frame`."""
    importances: pd.DataFrame
    """See `importances`; empty where there are too few whole trials."""
    edges: Mapping[str, str]
    """Knobs of the best whose range ends there, with the end: low or high."""
    pareto_front: tuple[int, ...] = ()
    """With two objectives: the proposals that no other beats in both, from the best in the first."""
    broken: str = ""
    """Which configurations are possibly broken, in a sentence; empty where none is."""

    @property
    def name(self) -> str:
        """The study, and the part where there are several."""
        return f"{self.part.study} ({self.part.label})" if self.part.label else self.part.study


def summary(store: ResultsFolder, study: str, *, rounds: int = 20) -> tuple[SearchFindings, ...]:
    """Every part of a study's search, with bootstrap bands from so many rounds; nothing where it has none."""
    asked = judged_version(store, study)
    found = (
        current_parts(search_parts(store), asked)[0] if asked else [p for p in search_parts(store) if p.study == study]
    )
    return tuple(findings_of_part(p, rounds=rounds) for p in found)


def findings_of_part(
    part: SearchPart, *, rounds: int = 20, data: Mapping[str, DataFacts] | None = None
) -> SearchFindings:
    """One part: its frame, importances and edges; `data`: what is known of data sets, by checksum."""
    frame = proposal_frame(part)
    ranked = ranked_proposals(part.proposals, part.search.objectives[0])
    edges = on_edge(part.search.space, ranked[0].point) if ranked else {}
    nobody_beats = pareto_front(distinct(part), part.search.objectives) if len(part.search.objectives) > 1 else []
    front = tuple(p.number for p in nobody_beats)
    table = importances(frame, part.search, rounds=rounds)
    return SearchFindings(part, frame, table, edges, front, broken_sentence(part, data or {}))
