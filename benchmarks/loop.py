"""The training loop: against the arithmetic that it cannot do without, against torch.optim, in bf16, stacked."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import mean, stdev

import torch
from torch import Tensor

from analysis.statistics.students_t import half_width
from benchmarks.figures import Figure, by_turns, compared
from trainables.config.trial_config import TrialConfig
from trainables.data.dataset import subset
from trainables.data.sources import load_data_set
from trainables.models.fully_connected import FullyConnected
from trainables.training.device_arrays import Arrays, prepare_process
from trainables.training.loop import Training

CLASSES, INPUTS = 10, 784
STREAMS = {"sgd": 3, "adam": 7}
"""Times that an update goes over memory as large as the parameters: SGD reads p, g and writes p; Adam has m, v too."""


def _arrays(images: int) -> Arrays:
    """So many training images, and a sixth as many for validation, as in the whole data set."""
    data, checks = load_data_set("fashion-mnist"), images // 6
    x, y = (data.train_images, data.val_images[:checks]), (data.train_labels, data.val_labels[:checks])
    return Arrays.place(x, y, CLASSES, rows=subset(data, images))


def _seconds(run: Callable[[], object], times: int = 1) -> float:
    """Processor seconds of this thread, the mean of so many calls."""
    began = time.thread_time()
    for _ in range(times):
        run()
    return (time.thread_time() - began) / times


# --------------------------------------------------------------------------------------------------------------- bound


def bound(repeats: int, part: int) -> list[Figure]:
    """Share of the bound that the loop reaches: three batch sizes, SGD and Adam, one and two hidden layers."""
    prepare_process()
    figures: list[Figure] = []
    for batch in (32, 1024, 10_000):
        images = max(batch, {32: 9600, 1024: 12_288, 10_000: 20_000}[batch] // part // batch * batch)
        arrays = _arrays(images)
        for hidden in ((1000,), (1000, 1000)):
            for optimizer in ("sgd", "adam"):
                figures += [_share(batch, hidden, optimizer, arrays, repeats)]
    return figures


def _share(batch: int, hidden: tuple[int, ...], optimizer: str, arrays: Arrays, repeats: int) -> Figure:
    images = len(arrays.train_x)
    config = TrialConfig(
        batch_size=batch, hidden=hidden, optimizer=optimizer, lr=0.001, train_images=images, epochs=1_000_000
    )
    training = Training(config, (0,), arrays)
    limit = _Bound(hidden, batch, images, len(arrays.val_x), optimizer)

    def ours() -> float:
        training.epoch()
        return sum(training.history[0][name][-1] for name in ("seconds", "eval_seconds"))

    training.epoch()
    limit.seconds()
    found = by_turns({"bound": limit.seconds, "ours": ours}, repeats)
    return compared(
        f"bound/{optimizer}-{len(hidden)}x1000-batch-{batch}",
        found["ours"],
        found["bound"],
        unit="s",
        aim=0.85,
        meaning="share of the bound: (products of these shapes + the optimiser's memory traffic + the products of both "
        "evaluations) / our epoch, processor seconds of one thread",
        note=f"{images} training and {len(arrays.val_x)} validation images",
    )


class _Bound:
    """What an epoch cannot do without, each part measured by itself, in its fastest form that we know."""

    def __init__(self, hidden: tuple[int, ...], batch: int, images: int, checks: int, optimizer: str) -> None:
        self.widths = (INPUTS, *hidden, CLASSES)
        self.batch, self.images, self.checks = batch, images, checks
        self.streams = STREAMS[optimizer]
        size = sum(a * b + b for a, b in zip(self.widths, self.widths[1:], strict=False))
        self.memory = [torch.rand(size) for _ in range(4)]
        self.weights = [torch.rand(a, b) for a, b in zip(self.widths, self.widths[1:], strict=False)]
        self.gradients = [torch.empty_like(w) for w in self.weights]

    def seconds(self) -> float:
        updates = self.images // self.batch
        repeat = max(1, 320 // self.batch)
        rows = [n for n in (self.batch, 256) if n <= self.batch and (n == 256 or self.batch <= 1024)]
        products = min(_seconds(self._step(n), repeat * (self.batch // n)) * self.batch / n for n in rows)
        traffic = _seconds(self._copy, 20) * self.streams / 2
        check = _seconds(self._forward(500), 4) / 500
        return updates * (products + traffic) + check * (self.images + self.checks)

    def _copy(self) -> None:
        """One stream read, one written, over the buffers in turn, so that as much memory is in use as in an update."""
        self.memory.append(self.memory.pop(0))
        self.memory[0].copy_(self.memory[1])

    def _forward(self, rows: int) -> Callable[[], None]:
        layers = [torch.rand(rows, w) for w in self.widths]

        def run() -> None:
            for x, w, out in zip(layers, self.weights, layers[1:], strict=False):
                torch.mm(x, w, out=out)

        return run

    def _step(self, rows: int) -> Callable[[], None]:
        """Products of one update over so many rows: forward, weights' gradients, deltas down to the first layer."""
        layers: list[Tensor] = [torch.rand(rows, w) for w in self.widths]
        deltas = [torch.rand(rows, w) for w in self.widths]

        def run() -> None:
            for x, w, out in zip(layers, self.weights, layers[1:], strict=False):
                torch.mm(x, w, out=out)
            for i in range(len(self.weights) - 1, -1, -1):
                torch.mm(layers[i].mT, deltas[i + 1], out=self.gradients[i])
                if i:
                    torch.mm(deltas[i + 1], self.weights[i].mT, out=deltas[i])

        return run


# ---------------------------------------------------------------------------------------------------------- optimisers

TORCH: dict[str, Callable[[list[torch.nn.Parameter]], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, fused=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.001, fused=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.001, weight_decay=0.0, fused=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.01, fused=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, foreach=True),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=0.01, foreach=True),
}
"""The fastest that torch.optim has for each on a CPU."""


def optimizers(repeats: int, part: int) -> list[Figure]:
    """One update of the default network's parameters: torch.optim's fastest against ours."""
    from trainables.training import optimizers as optim

    prepare_process()
    loss = torch.zeros(())
    figures = []
    for name, make in TORCH.items():
        network = FullyConnected(TrialConfig(optimizer=name, lr=0.001), INPUTS, CLASSES, (0,))
        network.grad.normal_(std=0.01)
        ours = optim.make_optimizer(network)
        parameters = [torch.nn.Parameter(w.clone()) for w in network.w.values()]
        for p, g in zip(parameters, network.g.values(), strict=True):
            p.grad = g.clone()
        theirs = make(parameters)
        found = by_turns(
            {
                "peer": partial(_seconds, theirs.step, 100 // part),
                "ours": partial(_seconds, partial(ours.step, [0.001], lambda: loss), 100 // part),
            },
            repeats + 1,
        )
        figures.append(
            compared(
                f"optimizer/{name}",
                found["ours"][1:],
                found["peer"][1:],
                unit="s",
                meaning="one update of 795,010 parameters: torch.optim's fastest form / ours, processor seconds",
            )
        )
    return figures


# ----------------------------------------------------------------------------------------------------------- precision


def bf16(repeats: int, part: int) -> list[Figure]:
    """bf16 matrix products against fp32: speed at three batch sizes, and accuracy over seeds."""
    prepare_process()
    figures = []
    for batch in (32, 1024):
        arrays = _arrays(12_288 // part // 1024 * 1024)
        sides = {
            p: Training(
                TrialConfig(precision=p, batch_size=batch, train_images=len(arrays.train_x), epochs=1_000_000),
                (0,),
                arrays,
            )
            for p in ("fp32", "bf16")
        }

        def epoch(training: Training) -> float:
            training.epoch()
            return sum(training.history[0][name][-1] for name in ("seconds", "eval_seconds"))

        found = by_turns({p: partial(epoch, t) for p, t in sides.items()}, repeats + 1)
        figures.append(
            compared(
                f"bf16/speed-batch-{batch}",
                found["bf16"][1:],
                found["fp32"][1:],
                unit="s",
                meaning="epoch in fp32 / epoch in bf16, processor seconds (above 1: bf16 is faster)",
            )
        )
    return [*figures, _bf16_accuracy(max(5, repeats), part)]


def _bf16_accuracy(seeds: int, part: int) -> Figure:
    images = 6000 // part
    arrays = _arrays(images)
    last: dict[str, list[float]] = {"fp32": [], "bf16": []}
    for seed in range(seeds):
        for precision, found in last.items():
            training = Training(TrialConfig(precision=precision, train_images=images, epochs=3), (seed,), arrays)
            while not training.over:
                training.epoch()
            found.append(training.history[0]["val_accuracy"][-1])
    apart = [b - a for a, b in zip(last["fp32"], last["bf16"], strict=True)]
    half = float(half_width(stdev(apart), seeds))
    return compared(
        "bf16/accuracy",
        last["bf16"],
        last["fp32"],
        unit="",
        meaning="validation accuracy in fp32 / in bf16, the same seeds",
        note=f"{seeds} seeds, 3 epochs on {images} images; bf16 - fp32 = {mean(apart):+.4f} +- {half:.4f} (95 %)",
    )


# ------------------------------------------------------------------------------------------------------------- stacked


def stacked(repeats: int, part: int) -> list[Figure]:
    """Five seeds of one configuration one after the other against all at once, on the CPU."""
    prepare_process()
    figures = []
    seeds = tuple(range(5))
    for hidden, batch in ((16, 32), (100, 32), (1000, 32), (100, 1024)):
        images = 4096 // part
        arrays = _arrays(images)
        config = TrialConfig(hidden=(hidden,), batch_size=min(batch, images), train_images=images, epochs=1_000_000)
        alone = [Training(config, (s,), arrays) for s in seeds]
        together = Training(config, seeds, arrays)

        def one_by_one(alone: list[Training] = alone) -> float:
            return _seconds(lambda: [t.epoch() for t in alone])  # type: ignore[func-returns-value]

        def at_once(together: Training = together) -> float:
            return _seconds(together.epoch)

        found = by_turns({"alone": one_by_one, "together": at_once}, repeats + 1)
        figures.append(
            compared(
                f"stacked/cpu-hidden-{hidden}-batch-{batch}",
                found["together"][1:],
                found["alone"][1:],
                unit="s",
                meaning="an epoch of five seeds: one after the other / stacked, on the CPU, processor seconds; "
                "not measured on a GPU, for which stacking is made",
                note=f"{images} images",
            )
        )
    return figures
