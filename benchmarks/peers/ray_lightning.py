"""Ray Tune with Lightning, as its tutorial goes: a `LightningModule`, a `Trainer`, and Ray's callback that reports."""

from __future__ import annotations

import logging
import tempfile
import time
import warnings
from typing import Any

import torch
from torch import nn

from benchmarks import work
from benchmarks.peers import common


def module(hidden: int, optimizer: str, lr: float) -> Any:
    import lightning

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layers = common.network(hidden)
            self._right: list[torch.Tensor] = []

        def training_step(self, batch: Any) -> torch.Tensor:
            x, y = batch
            loss = nn.functional.cross_entropy(self.layers(x), y)
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch: Any) -> None:
            x, y = batch
            logits = self.layers(x)
            self.log("loss", nn.functional.cross_entropy(logits, y))
            self.log("accuracy", (logits.argmax(1) == y).float().mean())

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return common.optimizer(optimizer, self.parameters(), lr)

    return Classifier()


def train(config: dict[str, Any], callbacks: list[Any] | None = None) -> dict[str, float]:
    import lightning

    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.manual_seed(config["seed"])
    if callbacks is None:
        from ray.tune.integration.pytorch_lightning import TuneReportCheckpointCallback

        callbacks = [
            TuneReportCheckpointCallback(
                {"loss": "loss", "accuracy": "accuracy"}, save_checkpoints=False, on="validation_end"
            )
        ]
    train_batches, val_batches = common.loaders(config["root"], config["rows"])
    with tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(
            max_epochs=config["epochs"],
            accelerator="cpu",
            callbacks=callbacks,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            num_sanity_val_steps=0,
            default_root_dir=folder,
            logger=False,
        )
        trainer.fit(module(config["hidden"], config["optimizer"], config["lr"]), train_batches, val_batches)
        return {k: float(v) for k, v in trainer.callback_metrics.items()}


def main() -> None:
    asked = common.arguments()
    given = work.work(asked.task, asked.part, asked.seed)
    fixed = {"epochs": given.epochs, "root": work.mnist_root(), "rows": work.rows(given.images)}
    if asked.task == "trial":
        torch.set_num_threads(1)
        clock = common.Stopwatch()
        kept = train({**next(given.trials()), **fixed}, [])
        common.answer(accuracy=kept["accuracy"], **clock.read())
        return
    import ray
    from ray import tune

    began = time.monotonic()
    ray.init(address="local", num_cpus=2, log_to_driver=False, include_dashboard=False)
    ready = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        space = {
            "seed": tune.grid_search(list(range(given.seeds))),
            "optimizer": tune.grid_search(list(given.optimizers)),
            "lr": tune.grid_search(list(given.rates)),
            "hidden": tune.grid_search(list(given.widths)),
            **fixed,
        }
        tuner = tune.Tuner(
            tune.with_resources(train, {"cpu": 1}),
            param_space=space,
            run_config=tune.RunConfig(name="peer", storage_path=folder, verbose=0),
        )
        scores = [r.metrics["accuracy"] for r in tuner.fit() if r.metrics]
    common.answer(
        accuracy=sum(scores) / len(scores), trials=len(scores), startup=ready - began, fit=time.monotonic() - ready
    )


if __name__ == "__main__":
    main()
