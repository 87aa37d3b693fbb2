"""What the peers share: the network as `torch.nn` writes it, loaders, and a plain training loop with autograd."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms

from benchmarks import work


def network(hidden: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 10))


def optimizer(name: str, parameters: Any, lr: float) -> torch.optim.Optimizer:
    kind: Any = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[name]
    made: torch.optim.Optimizer = kind(parameters, lr=lr)
    return made


def loaders(root: str, chosen: list[int]) -> tuple[DataLoader[Any], DataLoader[Any]]:
    """Shuffled training batches, and validation batches, image by image through a transform."""
    as_tensor = transforms.ToTensor()
    train = Subset(datasets.FashionMNIST(root, train=True, transform=as_tensor), chosen)
    val = datasets.FashionMNIST(root, train=False, transform=as_tensor)
    return DataLoader(train, batch_size=work.BATCH, shuffle=True), DataLoader(val, batch_size=1000)


def train_epoch(model: nn.Module, batches: Any, update: torch.optim.Optimizer) -> None:
    model.train()
    for x, y in batches:
        update.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        update.step()


@torch.no_grad()
def validate(model: nn.Module, batches: Any) -> tuple[float, float]:
    """Mean loss and accuracy."""
    model.eval()
    loss, right, count = 0.0, 0, 0
    for x, y in batches:
        logits = model(x)
        loss += float(nn.functional.cross_entropy(logits, y, reduction="sum"))
        right += int((logits.argmax(1) == y).sum())
        count += len(y)
    return loss / count, right / count


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=("trial", "small", "empty"))
    parser.add_argument("--part", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0, help="of the one trial")
    parser.add_argument("--trials", type=int, default=20, help="how many empty ones")
    return parser.parse_args()


class Stopwatch:
    """Wall and processor time of this process since it was made."""

    def __init__(self) -> None:
        self._wall, self._processor = time.monotonic(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"wall": time.monotonic() - self._wall, "processor": time.process_time() - self._processor}


def answer(**values: Any) -> None:
    """The line that the benchmark reads."""
    print(json.dumps(values), flush=True)
