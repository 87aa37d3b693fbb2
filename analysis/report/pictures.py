"""Figures to pictures of the page: every form of each, drawn once; and independent work spread over the cores."""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from PIL import Image
from rich.console import Console
from rich.progress import track

from analysis.figures import png_bytes, svg_text
from analysis.figures.image_files import csv_text
from analysis.figures.named_figure import NamedFigure
from analysis.report.page_tree import LARGEST_SVG, Picture
from study.planning import usable_cores as cores

T = TypeVar("T")
_jobs: Sequence[Callable[[], object]] = ()


def picture(figure: NamedFigure, *, photo: bool = False, still: bool = False) -> Picture:
    """A figure in every form."""
    svg, png, csv = svg_text(figure).encode(), png_bytes(figure), csv_text(figure.frame).encode()
    if len(svg) > LARGEST_SVG and not (photo or still):
        png = in_few_colours(png)
    return Picture(figure.name, figure.title, figure.alt, figure.caption, svg, png, csv, photo, still)


def in_few_colours(png: bytes) -> bytes:
    """A drawing with a palette: a third of the bytes, and the page is to be mailed."""
    small = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(128).save(small, "PNG", optimize=True)
    return small.getvalue()


def pictures(figures: Iterable[NamedFigure], *, photo: bool = False) -> tuple[Picture, ...]:
    """Several figures in every form."""
    return tuple(picture(f, photo=photo) for f in figures)


FORKS = sys.platform.startswith("linux")
"""Whether this system's libraries bear a fork; a Mac's do not."""


def run_in_parallel(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """The results of independent pieces of work, in order; on several cores where there are several.

    The workers are forks, so that a job needs no pickling; what it returns does. Elsewhere than on
    Linux all is done here. On a terminal a bar tells how far they are.
    """
    workers = min(len(jobs), cores.usable(), 8) if FORKS else 1
    if workers < 2:
        return list(_watched((job() for job in jobs), len(jobs)))
    global _jobs
    _jobs = jobs
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # about threads and forks: ours start none
            context = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(workers, context, initializer=_end_with, initargs=(os.getpid(),)) as pool:
                return list(_watched(pool.map(_work, range(len(jobs))), len(jobs)))  # type: ignore[arg-type]
    finally:
        _jobs = ()


def _watched(results: Iterable[T], count: int) -> Iterable[T]:
    console = Console(stderr=True)
    return track(results, "report", count, console=console, transient=True, disable=not console.is_terminal)


def _end_with(parent: int) -> None:
    """Let this worker end when whoever started it does, however that is; each holds 300 MB."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def _work(number: int) -> object:
    return _jobs[number]()
