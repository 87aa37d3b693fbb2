"""Pages of text about what there is: the catalogue, a study, the knobs, the data."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.text.numbers import knob_text
from analysis.text.plain_text import first_sentence, printable
from study.execution.progress import rough_duration, rough_range, short_duration
from study.spec import registry
from study.spec.domains import Choice, Domain
from study.spec.left_out import left_out
from study.spec.point import WIDTH
from study.spec.search import Search
from study.spec.study import Arm, Study
from trainables.config.errors import DataError
from trainables.config.nearest import ONE_OF
from trainables.config.plurals import counted
from trainables.config.trial_config import KNOBS
from trainables.records.metrics import METRICS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from study.app.catalog_status import KnownFolder, StudyStatus
    from trainables.training.gpu_memory import DataSize


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _text(value: Any) -> str:
    from rich.markup import escape

    return escape(printable(str(value)))


def catalogue_json(folders: Iterable[str] = ()) -> str:
    """Return all studies as JSON, for programs: also what is on record in the first of these folders that tells."""
    studies, folder = _listed(folders)
    return json.dumps(
        [
            {"name": s.name, "question": " ".join(s.question.split()), "arms": [a.name for a in s.arms],
             "epochs": s.epochs, "knobs": list(s.knobs), "claims": [c.id for c in s.claims],
             "search": s.search is not None, "folder": folder.where or None, "seeds": folder.status(s).seeds,
             "seconds": folder.status(s).seconds, "measured": folder.pace is not None}
            for s in studies
        ]
    )  # fmt: skip


def _listed(folders: Iterable[str]) -> tuple[list[Study], KnownFolder]:
    """The catalogue's studies and the folder that tells of them, then those that this folder alone has."""
    from study.app.catalog_status import KnownFolder

    studies = [registry.load_study(name) for name in registry.names()]
    folder = KnownFolder.telling(folders, studies) or KnownFolder.nowhere()
    names = {s.name for s in studies}
    return [*studies, *(s for s in folder.studies if s.name not in names)], folder


def print_catalogue(folders: Iterable[str] = ()) -> None:
    """Print all studies: cost, what is on record in the first of these folders that tells, the question.

    A study that this folder alone has comes after those of the catalogue. Where the questions do not fit beside the
    rest, each stands below its study, whole.
    """
    width, (studies, folder) = shutil.get_terminal_size().columns, _listed(folders)
    rows = [(s.name, *_price(folder.status(s))) for s in studies]
    heads = ("study", "cost", "have")
    name, cost, have = (max(map(len, column)) for column in zip(heads, *rows, strict=True))
    asked = [first_sentence(" ".join(s.question.split())) for s in studies]
    fits = max(map(len, asked), default=0) <= width - name - cost - have - 6
    for row, text in zip((heads, *rows), ("question", *asked), strict=True):
        line = f"{row[0]:<{name}}  {row[1]:>{cost}}  {row[2]:>{have}}"
        print(printable(f"{line}  {text}" if fits else line))
        if not fits and row is not heads:
            print(textwrap.indent(textwrap.fill(printable(text), width - 2, break_on_hyphens=False), "  "))
    for group, known in registry.catalogues().items():
        if known.together:
            text = printable(f"{group} = {', '.join(known.together)}")
            print("\n" + textwrap.fill(text, width, break_on_hyphens=False))
            seconds = folder.seconds([s for s in studies if s.name in known.together])
            if seconds is not None:
                print(f"in all {rough_range(*seconds)}: trials that they share are trained once")
    print("\n" + textwrap.fill(_of_cost(folder, unknown="?" in {row[1] for row in rows}), width))
    if folder.where:
        print(printable(f"have: seeds on record in {folder.where}"))
    if studies:
        shown = next((s.name for s in studies if s.name == "dropout"), studies[0].name)
        print(f"\nnext  study show {shown}")


def _of_cost(folder: KnownFolder, *, unknown: bool) -> str:
    """What the column of costs says."""
    from study.app.catalog_status import USUAL_SEEDS

    said = "" if folder.pace else "; a range, because no trial on Fashion-MNIST was measured here yet"
    plan = "; where it says ?, ask `study plan NAME`" if unknown else ""
    return f"cost: {USUAL_SEEDS} seeds on this machine{said}{plan}"


def _price(found: StudyStatus) -> tuple[str, str]:
    """What a study costs, and what is there of it, in a cell each."""
    from study.app.catalog_status import USUAL_SEEDS

    cost = "?"
    if found.seconds is not None:
        low, high = found.seconds
        cost = rough_duration(high) if low == high else rough_range(low, high, short_duration)
    return cost, "-" if found.seeds is None else f"{found.seeds} of {USUAL_SEEDS}"


def print_study(study: Study, size: DataSize | None, meant: Callable[[str], Study | None]) -> None:
    """Print one study, whole: of each claim also what it asks of the numbers.

    Args:
        study: to be printed.
        size: of its data, where known.
        meant: gives the other study of a name that a claim speaks of.
    """
    from rich.padding import Padding

    from analysis.claims.asked_words import asked_words

    console = _console()
    console.print(f"[bold]{study.name}[/] - {_text(study.title)}\n\n{_text(study.question.strip())}\n")
    if study.search:
        _search(console, study, study.search, size)
    if study.arms:
        _arms(console, study)
    if study.claims:
        console.print("\n[bold]claims[/]")
        for claim in study.claims:
            console.print(Padding(f"[bold]{_text(claim.id)}[/]  {_text(claim.statement)}", (0, 0, 0, 2)))
            for form in claim.parts:
                console.print(Padding(_text(asked_words(study, form, meant)), (0, 0, 0, 6)), style="dim")


def _arms(console: Console, s: Study) -> None:
    """A row an arm; notes that do not fit stand below, and where that does not do, each knob has a row."""
    heads = ["arm", "epochs", *s.knobs]
    rows = [
        [a.name, str(s.config(a.name).epochs), *(knob_text(getattr(s.config(a.name), k)) for k in s.knobs)]
        for a in s.arms
    ]
    notes = {a.name: ", ".join(_marks(s, a)) for a in s.arms}
    noted = [[*row, notes[row[0]]] for row in rows]
    if _width([*heads, ""], noted) <= console.width:
        heads, rows, notes = [*heads, ""], noted, {}
    elif _width(heads, rows) > console.width:
        heads, *rows = (list(column) for column in zip(heads, *rows, strict=True))
    table = _table(*heads)
    for row in rows:
        table.add_row(*map(_text, row))
    console.print(table)
    for name, note in notes.items():
        if note:
            console.print(_text(f"{name}: {note}"))


def _marks(s: Study, arm: Arm) -> Iterator[str]:
    """What is said beside an arm."""
    if arm.name == s.baseline:
        yield "baseline"
    if arm.extra:
        yield "extra"
    if arm.note:
        yield arm.note


def _width(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) + 2 for column in zip(heads, *rows, strict=True)) - 2


SOUGHT = {"higher": "highest", "lower": "lowest", "none": ""}


def _search(console: Console, study: Study, search: Search, size: DataSize | None) -> None:
    """What is sought, and how."""
    from analysis.searches.answer_sentences import quantity

    each = f" for each {search.within}" if search.within else ""
    sought = " and ".join(f"the {SOUGHT[METRICS[o].direction]} {quantity(o)}" for o in search.objectives)
    shared = study.shared_knobs
    most = search.configurations(shared, size)
    tried = counted(search.trials, "configuration") + each
    if most < search.trials * len(search.parts()):
        there = "grid" if search.searcher == "grid" else "space"
        tried = f"at most {counted(most, 'configuration')} (the {there} has no more)"
    console.print(
        f"Tries {tried}, {counted(search.seeds, 'seed')} each, at most "
        f"{counted(study.epochs, 'epoch')}. Searcher {search.searcher}, scheduler {search.scheduler.name}.\n"
        f"Sought: {sought}."
    )
    for c in search.constraints:
        console.print(f"only where {c.left} {c.op} {c.right if isinstance(c.right, str) else f'{c.right:,}'}")
    for line in left_out(search, shared, size) if size is not None else ():
        console.print(_text(line))
    table = _table("knob", "range", "exists where")
    for name, domain in search.space.items():
        where = "; ".join(f"{k} is {' or '.join(knob_text(v) for v in some)}" for k, some in domain.when.items())
        where = f"there is such a layer (hidden.count >= {name[-1]})" if WIDTH.fullmatch(name) else where
        table.add_row(name, _text(_range(domain)), _text(where))
    console.print(table)


def _range(domain: Domain) -> str:
    if isinstance(domain, Choice):
        return ", ".join(map(knob_text, domain.values)) + (" (ordered)" if domain.ordered else "")
    return f"{knob_text(domain.low)} to {knob_text(domain.high)}" + (", logarithmic" if domain.log else "")


def knob_words(name: str) -> str:
    """What a knob does, and the words that it may be where there is a list of them.

    >>> knob_words("precision")
    'fp32, or bf16 for the matrix products; one of fp32, bf16'
    """
    doc, (_, expected) = KNOBS[name].metadata["doc"], KNOBS[name].metadata["check"]
    words = expected.removeprefix(ONE_OF)
    return doc if words == expected else f"{doc}; one of {words}"


def print_knobs(changed: Sequence[str] = ()) -> None:
    """Print what an arm may change, with default and meaning; what a study's arms change is marked.

    Seeds come from `--seeds`, and epochs stand beside `base` or `change`: neither is listed.
    """
    table = _table(*([""] if changed else []), "knob", "default", "meaning")
    for name, knob in KNOBS.items():
        if name in ("seed", "epochs"):
            continue
        mark = ["*" if name in changed else ""] if changed else []
        table.add_row(*mark, name, _text(knob_text(knob.default)), _text(knob_words(name)))
    _console().print(table)
    if changed:
        _console().print("\n* changed by this study's arms")


def _in_columns(console: Console, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """A table; where it is too wide each row's last cell has a line of its own, whole, so that it can be copied."""
    if _width(heads, rows) <= console.width:
        table = _table(*heads)
        for row in rows:
            table.add_row(*map(_text, row))
        console.print(table)
        return
    for row in rows:
        console.print("  ".join(map(_text, row[:-1])), soft_wrap=True)
        console.print(f"    {_text(row[-1])}", soft_wrap=True)


def print_data_sources(name: str, data_dir: Path | None, *, fetch: bool) -> None:
    """Print where a data set is looked for, and what is there; `fetch`: get it where it is not.

    Raises:
        DataError: a study that names it would be refused; says why.
    """
    from trainables.data.sources import list_sources, load_data_set, refuse_unknown, why_unusable

    refuse_unknown(name, data_dir)
    console = _console()
    found_there = list_sources(data_dir, name)
    rows = [(source.source, source.state, source.where) for source in found_there]
    _in_columns(console, ("source", "state", "where"), rows)
    why = why_unusable(name, found_there)
    for source in found_there:
        name_there = "" if source.where in source.detail else f"{source.where}: "
        if (source.source == "own data" or source.state == "damaged") and name_there + source.detail != why:
            console.print(_text(f"{name_there}{source.detail}"))
    if why:
        raise DataError(why)
    if fetch:
        found = load_data_set(name, data_dir, progress=lambda line: console.print(_text(line)))
        count, checks = len(found.train_images), len(found.val_images)
        kind = "images" if len(found.image_shape) > 1 else "rows"  # of a table
        console.print(
            f"\n{_text(name)}: {count} training and {checks} validation {kind}, checksum {found.checksum[:16]}"
        )
