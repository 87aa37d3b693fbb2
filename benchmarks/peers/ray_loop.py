"""Ray Tune's function API with a `DataLoader`, as its PyTorch tutorial goes: one core a trial, two at once."""

from __future__ import annotations

import tempfile
import time
from typing import Any

from benchmarks import work
from benchmarks.peers import common


def train(config: dict[str, Any]) -> None:
    import torch
    from ray import tune

    torch.manual_seed(config["seed"])
    train_batches, val_batches = common.loaders(config["root"], config["rows"])
    model = common.network(config["hidden"])
    update = common.optimizer(config["optimizer"], model.parameters(), config["lr"])
    for _ in range(config["epochs"]):
        common.train_epoch(model, train_batches, update)
        loss, accuracy = common.validate(model, val_batches)
        tune.report({"loss": loss, "accuracy": accuracy})


def empty(config: dict[str, Any]) -> None:
    from ray import tune

    for n in range(5):
        tune.report({"loss": 1.0 / (n + 1)})


def main() -> None:
    asked = common.arguments()
    if asked.task == "trial":
        one_trial(asked.part, asked.seed)
        return
    import ray
    from ray import tune

    began = time.monotonic()
    ray.init(address="local", num_cpus=2, log_to_driver=False, include_dashboard=False)
    ready = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if asked.task == "empty":
            function, space = empty, {"n": tune.grid_search(list(range(asked.trials)))}
        else:
            given = work.work("small", asked.part)
            function, space = (
                train,
                {
                    "seed": tune.grid_search(list(range(given.seeds))),
                    "optimizer": tune.grid_search(list(given.optimizers)),
                    "lr": tune.grid_search(list(given.rates)),
                    "hidden": tune.grid_search(list(given.widths)),
                    "epochs": given.epochs,
                    "root": work.mnist_root(),
                    "rows": work.rows(given.images),
                },
            )
        tuner = tune.Tuner(
            tune.with_resources(function, {"cpu": 1}),
            param_space=space,
            run_config=tune.RunConfig(name="peer", storage_path=folder, verbose=0),
        )
        results = tuner.fit()
        scores = [r.metrics.get("accuracy", 0.0) for r in results if r.metrics]
    common.answer(
        accuracy=sum(scores) / len(scores), trials=len(scores), startup=ready - began, fit=time.monotonic() - ready
    )


def one_trial(part: int, seed: int) -> None:
    """The function by itself in this process, with Ray's report replaced by nothing: what a worker does for a trial."""
    import torch
    from ray import tune

    torch.set_num_threads(1)
    kept: dict[str, float] = {}
    tune.report = kept.update  # type: ignore[assignment]
    given = work.work("trial", part, seed)
    config = {
        **next(given.trials()),
        "epochs": given.epochs,
        "root": work.mnist_root(),
        "rows": work.rows(given.images),
    }
    clock = common.Stopwatch()
    train(config)
    common.answer(accuracy=kept["accuracy"], **clock.read())


if __name__ == "__main__":
    main()
