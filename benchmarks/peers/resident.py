"""No framework: `torch.nn` and autograd on images in memory as floats, with the fused optimiser. One trial only.

The best that a careful person writes by hand in twenty lines; here for comparison, though no tutorial does it. It
measures the training set after each epoch, as ours does and the other peers do not.
"""

from __future__ import annotations

import torch
from torch import nn

from benchmarks import work
from benchmarks.peers import common
from trainables.data.sources import load_data_set


def main() -> None:
    asked = common.arguments()
    given = work.work("trial", asked.part, asked.seed)
    one = next(given.trials())
    data = load_data_set("fashion-mnist")
    chosen = work.rows(given.images)
    torch.set_num_threads(1)
    clock = common.Stopwatch()
    x, y = torch.tensor(data.train_images[chosen]).float() / 255, torch.tensor(data.train_labels[chosen]).long()
    val_x, val_y = torch.tensor(data.val_images).float() / 255, torch.tensor(data.val_labels).long()
    torch.manual_seed(one["seed"])
    model = nn.Sequential(nn.Linear(784, one["hidden"]), nn.ReLU(), nn.Linear(one["hidden"], 10))
    update = torch.optim.Adam(model.parameters(), lr=one["lr"], fused=True)
    accuracy = 0.0
    for _ in range(given.epochs):
        order = torch.randperm(len(x))
        common.train_epoch(model, ((x[rows], y[rows]) for rows in order.split(work.BATCH)), update)
        common.validate(model, zip(x.split(1000), y.split(1000), strict=True))
        accuracy = common.validate(model, zip(val_x.split(1000), val_y.split(1000), strict=True))[1]
    common.answer(accuracy=accuracy, **clock.read())


if __name__ == "__main__":
    main()
