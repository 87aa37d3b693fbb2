"""Optuna with the loop of its PyTorch example; two jobs are two processes on one study, as its manual advises."""

from __future__ import annotations

import multiprocessing
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import work
from benchmarks.peers import common

JOBS = 2


def objective(trial: Any, root: str, rows: list[int], epochs: int) -> float:
    import optuna
    import torch

    seed = trial.suggest_int("seed", 0, 100)
    hidden = trial.suggest_int("hidden", 1, 4096)
    name = trial.suggest_categorical("optimizer", list(work.OPTIMIZERS))
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    torch.manual_seed(seed)
    model = common.network(hidden)
    update = common.optimizer(name, model.parameters(), lr)
    train_batches, val_batches = common.loaders(root, rows)
    accuracy = 0.0
    for epoch in range(epochs):
        common.train_epoch(model, train_batches, update)
        accuracy = common.validate(model, val_batches)[1]
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise optuna.TrialPruned
    return accuracy


def job(path: str, root: str, rows: list[int], epochs: int) -> None:
    import optuna
    import torch

    torch.set_num_threads(1)
    study = _study(path)
    while any(t.state == optuna.trial.TrialState.WAITING for t in study.get_trials(deepcopy=False)):
        study.optimize(lambda t: objective(t, root, rows, epochs), n_trials=1)


def _study(path: str) -> Any:
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.JournalStorage(JournalFileBackend(path))
    return optuna.create_study(
        storage=storage, study_name="peer", load_if_exists=True, direction="maximize", pruner=optuna.pruners.NopPruner()
    )


def main() -> None:
    asked = common.arguments()
    given = work.work(asked.task, asked.part, asked.seed)
    root, rows = work.mnist_root(), work.rows(given.images)
    if asked.task == "trial":
        one_trial(given, root, rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "journal.log")
        study = _study(path)
        for values in given.trials():
            study.enqueue_trial(values)
        context = multiprocessing.get_context("spawn")
        jobs = [context.Process(target=job, args=(path, root, rows, given.epochs)) for _ in range(JOBS)]
        for process in jobs:
            process.start()
        for process in jobs:
            process.join()
        scores = [t.value for t in _study(path).trials if t.value is not None]
    common.answer(accuracy=sum(scores) / len(scores), trials=len(scores))


def one_trial(given: work.Work, root: str, rows: list[int]) -> None:
    import optuna
    import torch

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.NopPruner())
    study.enqueue_trial(next(given.trials()))
    clock = common.Stopwatch()
    study.optimize(lambda t: objective(t, root, rows, given.epochs), n_trials=1)
    common.answer(accuracy=study.best_value, **clock.read())


if __name__ == "__main__":
    main()
