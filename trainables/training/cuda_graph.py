"""Updates captured once and replayed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch

from trainables.config.trial_config import TrialConfig
from trainables.training.update import Update


class GraphRecorder(Protocol):
    """What can capture a step; `CudaGraphRecorder` does, and tests have one of their own."""

    def warm(self, step: Callable[[], None]) -> None:
        """Run it for real where it will be captured, so that whatever loads at first use is there."""

    def capture(self, step: Callable[[], None]) -> Callable[[], object]:
        """Note its kernels without running them; the answer runs them."""


class CudaGraphRecorder:
    """Captures with `torch.cuda.graph`, on a stream of its own."""

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()

    def warm(self, step: Callable[[], None]) -> None:
        """See `GraphRecorder`."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            step()
        torch.cuda.current_stream().wait_stream(self._stream)

    def capture(self, step: Callable[[], None]) -> Callable[[], object]:
        """See `GraphRecorder`."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream):
            step()
        return graph.replay


class GraphReplay:
    """Runs a step from a graph: the first update at each learning rate eagerly, the second captured, then replayed.

    A graph holds the rates as numbers, so it is captured anew when they change.
    """

    def __init__(self, step: Update, recorder: GraphRecorder) -> None:
        self._step, self._recorder = step, recorder
        self._rates: tuple[float, ...] = ()
        self._graph: Callable[[], object] | None = None
        self.replayed = 0
        """Updates that came from a graph."""

    def __call__(self, rates: Sequence[float]) -> None:
        """The update."""
        if tuple(rates) != self._rates:
            self._rates, self._graph = tuple(rates), None
            self._recorder.warm(self._run)
            return
        if self._graph is None:
            self._graph = self._recorder.capture(self._run)
        self._graph()
        self.replayed += 1

    def _run(self) -> None:
        self._step(self._rates)


def why_not_captured(config: TrialConfig) -> str:
    """Why the updates of this configuration cannot be captured; empty if they can."""
    return "lbfgs decides by the loss how it goes on" if config.optimizer == "lbfgs" else ""
