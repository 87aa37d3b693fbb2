"""A search of made-up trials: what is trained follows from the point alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from study.search.controller import SearchController, Segment
from study.search.optuna_samplers import make_sampler
from study.spec.domains import Choice, Float, Int
from study.spec.point import Point, SharedKnobs
from study.spec.search import Scheduler, Search
from study.storage.search_events import Event
from tests.synthetic import FASHION

SPACE: dict[str, Any] = {
    "lr": Float(low=1e-4, high=1.0, log=True),
    "optimizer": Choice(values=("sgd", "adam")),
    "momentum": Float(low=0.0, high=0.9, when={"optimizer": ("sgd",)}),
    "batch_size": Int(low=8, high=64, log=True),
    "dropout_input": Choice(values=(0.0, 0.1, 0.2), ordered=True),
}


EPOCHS = 9


def search(**changes: Any) -> Search:
    usual = {"space": SPACE, "trials": 10, "searcher": "random", "scheduler": Scheduler(name="asha")}
    return Search(**{**usual, **changes})


def trained(point: Point, until: int) -> tuple[dict[str, list[float]], bool]:
    """A made-up training: lr 0.01 is best; above 0.5 it diverges in epoch 2."""
    if point["lr"] > 0.5 and until > 1:
        return {"val_accuracy": [0.1, math.nan]}, True
    level = 0.9 - 0.1 * abs(math.log10(point["lr"]) + 2) + 0.001 * point["batch_size"] / 64
    epochs = range(1, until + 1)
    return {"val_accuracy": [level * (1 - 0.5**e) for e in epochs], "seconds": [float(e) for e in epochs]}, False


def go(
    wanted: Search, past: Sequence[Event] = (), workers: int = 1, most: int = 10_000
) -> tuple[SearchController, list[Event]]:
    """Run a search; with several workers, the one that was sent last reports first."""
    events = list(past)
    controller = SearchController(
        wanted, SharedKnobs.of(EPOCHS), FASHION, make_sampler(wanted), events.append, list(past)
    )
    running: list[Segment] = []
    while len(events) < most:
        segment = controller.next() if len(running) < workers else None
        if segment is not None:
            running.append(segment)
            continue
        if not running:
            break
        done = running.pop()
        controller.report(done.proposal, *trained(controller.proposals[done.proposal].point, done.until))
    return controller, events
