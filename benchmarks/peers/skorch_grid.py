"""skorch under scikit-learn's grid search, as its tutorial goes: arrays in memory, two jobs."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from skorch import NeuralNetClassifier
from torch import nn

from benchmarks import work
from benchmarks.peers import common
from trainables.data.sources import load_data_set


class Classifier(nn.Module):
    """The network; the seed is one of its parameters, for the grid to go over."""

    def __init__(self, hidden: int = 1000, seed: int = 0) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        super().__init__()
        self.layers = common.network(hidden)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.layers(x)
        return found


def _arrays(images: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, labels, and the fold of each row: -1 to train on, 0 to measure on."""
    data = load_data_set("fashion-mnist")
    chosen = work.rows(images)
    x = np.concatenate([data.train_images[chosen], data.val_images]).astype(np.float32) / 255
    y = np.concatenate([data.train_labels[chosen], data.val_labels]).astype(np.int64)
    return x, y, np.repeat([-1, 0], [len(chosen), len(data.val_images)])


def _net(epochs: int, **values: Any) -> NeuralNetClassifier:
    return NeuralNetClassifier(
        Classifier,
        criterion=nn.CrossEntropyLoss,
        max_epochs=epochs,
        batch_size=work.BATCH,
        iterator_train__shuffle=True,
        iterator_valid__batch_size=1000,
        train_split=None,
        verbose=0,
        **values,
    )


def main() -> None:
    asked = common.arguments()
    given = work.work(asked.task, asked.part, asked.seed)
    optimizers = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
    x, y, fold = _arrays(given.images)
    if asked.task == "trial":
        one = next(given.trials())
        torch.set_num_threads(1)
        clock = common.Stopwatch()
        net = _net(
            given.epochs,
            module__hidden=one["hidden"],
            module__seed=one["seed"],
            lr=one["lr"],
            optimizer=optimizers[one["optimizer"]],
        )
        net.fit(x[fold == -1], y[fold == -1])
        common.answer(accuracy=float(net.score(x[fold == 0], y[fold == 0])), **clock.read())
        return
    search = GridSearchCV(
        _net(given.epochs),
        {
            "optimizer": [optimizers[o] for o in given.optimizers],
            "lr": list(given.rates),
            "module__hidden": list(given.widths),
            "module__seed": list(range(given.seeds)),
        },
        cv=PredefinedSplit(fold),
        scoring="accuracy",
        refit=False,
        n_jobs=2,
        error_score="raise",
    )
    search.fit(x, y)
    scores = search.cv_results_["mean_test_score"]
    common.answer(accuracy=float(scores.mean()), trials=len(scores))


if __name__ == "__main__":
    main()
