"""The page tree as Markdown: the same words, numbers and figures, the latter as files beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from analysis.claims.words import WORDS
from analysis.report.chart_blocks import AnswerGroup, AnswerRow, DrawnEffect, Surprises
from analysis.report.page_tree import (
    Answer,
    Block,
    Bullets,
    Details,
    Facts,
    Files,
    Finding,
    Notice,
    Page,
    Paragraph,
    Pictures,
    Section,
    StudyFold,
    Table,
    Trials,
)
from analysis.report.pictures import Picture
from analysis.text.phrases import clauses
from analysis.text.plain_text import true_minus
from analysis.text.render_sheet import escape_markdown as esc
from analysis.text.render_sheet import to_markdown


def render(page: Page, figures: str = "figures") -> str:
    """The report; figures are linked as `figures/NAME.svg`."""
    lines = [f"# {esc(page.title)}", esc(page.lead)]
    if page.reduced:
        lines.append("> **Reduced runs.** What is marked so ran fewer epochs or images than its study declares.")
    if page.counts:
        words: dict[str, str] = dict(WORDS.items())
        lines.append(", ".join(f"**{n}** {words.get(verdict, verdict)}" for verdict, n in page.counts) + ".")
    if page.on_record:
        full = ", ".join(f"**{n}** {_word(verdict)}" for verdict, n in page.on_record)
        lines.append(f"On record in full, and not of this run: {full}.")
    if page.note:
        lines.append(f"*{esc(page.note)}*")
    lines += [text for notice in page.notices for text in _block(notice, figures)]
    lines.append("\n".join(f"- [{esc(s.title)}](#{_slug(s.title)})" for s in page.sections))
    lines += [text for s in page.sections for text in _block(s, figures)]
    return true_minus("\n\n".join(line.strip("\n") for line in lines) + "\n")


def _block(block: Block, figures: str) -> Iterable[str]:
    match block:
        case Section(blocks=(Files(),)):  # they lie beside the page, and not beside this
            return
        case Section():
            yield f"{'#' * block.level} {esc(block.title)}"
            yield from (text for inner in block.blocks for text in _block(inner, figures))
        case Details():
            yield f"**{esc(block.summary)}**"
            yield from (text for inner in block.blocks for text in _block(inner, figures))
        case Paragraph():
            yield f"*{esc(block.text)}*" if block.kind == "note" else esc(block.text)
        case Notice():
            yield "\n".join([f"> **{esc(block.title)}**", *(f"> - {esc(line)}" for line in block.lines)])
        case Bullets():
            yield "\n".join(f"- {esc(item)}" for item in block.items)
        case Facts():
            yield "\n".join(f"- **{esc(name)}**: {esc(value)}" for name, value in block.rows)
        case Table():
            yield to_markdown(block.sheet)
        case Trials():
            yield to_markdown(block.table.sheet)
        case Pictures():
            yield from (text for inner in block.blocks for text in _block(inner, figures))
        case StudyFold():
            yield from _study(block, figures)
        case Picture():
            yield f"![{esc(block.alt)}]({figures}/{block.name}.svg)"
            yield f"*{esc(f'{block.title}. {block.caption}'.rstrip())}*"
        case _:
            yield from _result(block)


def _result(block: Block) -> Iterable[str]:
    """What was found; curves and forests are pictures here."""
    match block:
        case Surprises():
            yield "\n".join(f"- **{esc(_stopped(s.title))}** {esc(s.text)} *{_word(s.verdict)}*" for s in block.items)
        case AnswerGroup():
            yield from _answers(block)
        case Finding():
            yield from _finding(block)
        case Answer():
            yield from _answer(block)


def _stopped(text: str) -> str:
    """A sentence with its full stop, where it has none."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _study(fold: StudyFold, figures: str) -> Iterable[str]:
    yield f"### {esc(fold.title)}"
    question = f"*{esc(fold.question)}* " if fold.question else ""  # the page of one study has said both above
    yield f"{question}{esc(fold.meta)}."
    if fold.answer:
        yield esc(fold.answer)
    for inner in fold.blocks:
        below = replace(inner, level=4) if isinstance(inner, Section) else inner
        yield from _block(below, figures)


def _answers(group: AnswerGroup) -> Iterable[str]:
    if group.title:
        yield f"### {esc(group.title)}"
    yield "\n".join(_row(row) for row in group.rows)


def _row(row: AnswerRow) -> str:
    deciding = f"; the verdict rests on {row.deciding}" if row.deciding else ""
    claimed = f", claimed {row.claimed}{deciding}" if row.claimed else ""
    others = ", ".join(f"{n} {_word(verdict)}" for verdict, n in row.of_other_numbers)
    said = f"claimed of other numbers: {others}" if others else _word(row.verdict) + esc(claimed)
    found = f" *{esc(_number(row.effect))}; {said}.*" if row.effect else ""
    number = f" *{esc(row.full.number)}.*" if row.full.number else ""
    full = f" In full, on record: {esc(row.full.answer)}{number}" if row.full.answer else ""
    answer = f" **{esc(row.answer)}**" if row.answer else ""
    return f"- {esc(row.question)}{answer}{found}{full}"


def _number(effect: DrawnEffect) -> str:
    """An effect with what it is of."""
    number = f"{effect.number} {effect.unit}".strip() + (f" ({effect.interval})" if effect.interval else "")
    number += f", {effect.seeds}" if effect.seeds else ""
    return f"{effect.what}: {number}" if effect.what else number


def _word(verdict: str) -> str:
    words: dict[str, str] = dict(WORDS.items())
    return words.get(verdict, "no claim" if verdict == "none" else verdict)


def _finding(finding: Finding) -> Iterable[str]:
    yield f"**{esc(finding.id)}**: {esc(finding.statement)}"
    verdict, _, rest = finding.sentence.partition(". ")
    yield f"**{esc(verdict)}.** {esc(rest)}"
    if finding.details:
        yield "\n".join(f"- {esc(text)}" for text in finding.details)
    if finding.note:
        yield "\n".join(["How the words were read:", "", *(f"- {esc(text)}" for text in clauses(finding.note))])
    if finding.why:
        yield "\n".join(["Measured beside it:", "", *(f"- {esc(said.text)}" for said in finding.why)])
    for table in (finding.why_table, finding.parts):
        if table is not None:
            yield to_markdown(table.sheet)


def _answer(answer: Answer) -> Iterable[str]:
    yield f"### {answer.number}. {esc(answer.question)}"
    yield from (esc(said.text) for said in answer.answer)
    if answer.table is not None:
        yield to_markdown(answer.table.sheet)
    if answer.missing:
        yield "\n".join(f"- Not measured: {esc(text)}" for text in answer.missing)
    if answer.see:
        yield f"*Judged in {', '.join(map(esc, answer.see))}.*"


def _slug(title: str) -> str:
    """A heading's place, as readers of Markdown name it.

    >>> _slug("L1 and L2, judged")
    'l1-and-l2-judged'
    """
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")
