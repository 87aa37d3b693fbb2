"""A search's part of the page: the answer first, then how it went, which knobs mattered, and the figures."""

from __future__ import annotations

from analysis import search_words
from analysis.figures import search as figures
from analysis.report.drawing import pictures
from analysis.report.page import Block, Bullets, Notice, Paragraph
from analysis.search import Searched, summary
from study.spec import Study
from study.store import Store


def blocks(store: Store, study: Study) -> tuple[Block, ...]:
    """What a page says of a study's search; a notice where it has not begun or has no answer yet."""
    assert study.search is not None
    parts = summary(store, study.name)
    if not parts:
        return (Notice("Not searched yet", ("There is no proposal on record: `study run` makes some.",)),)
    told = search_words.answer(store, study.name)
    objective = study.search.objectives[0]
    answer: Block = (
        Bullets(tuple(search_words.answer_sentences(told, objective)))
        if told
        else Notice("No answer yet", ("The best have not been retrained under fresh seeds: run the study again.",))
    )
    return (Paragraph("The best, retrained under seeds that the search never saw:"), answer, *_parts(parts))


def _parts(parts: tuple[Searched, ...]) -> tuple[Block, ...]:
    found: list[Block] = []
    for part in parts:
        found.append(Paragraph(f"How {part.name} went:"))
        found.append(Bullets(tuple(search_words.sentences(part))))
        found += pictures(figures.figures(part))
    return tuple(found)
