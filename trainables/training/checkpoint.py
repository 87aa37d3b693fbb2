"""All that one replicate needs to go on exactly where it stopped, as bytes: save and load. No files here.

The order of the data and the dropout masks of an epoch follow from the seed and the epoch's number, and the learning
rate from the record so far, so neither a random generator nor a schedule has a state of its own to keep.
"""

from __future__ import annotations

import dataclasses
import io
import math
import zipfile
from typing import Any

import torch

from trainables.config.errors import StudyError
from trainables.records.correct_examples import CorrectExamples
from trainables.records.epoch_columns import EpochLog
from trainables.records.metrics import RECORDED
from trainables.records.tensor_summary import TensorSummary
from trainables.training.loop import Training
from trainables.training.optimizers import OptimizerState

FORMAT = 2


class BadCheckpoint(StudyError):
    """A checkpoint that cannot be used: damaged, of another trial, or of another version."""


def save(training: Training, replicate: int, identity: str) -> bytes:
    """One replicate's whole state."""
    r, network = replicate, training.network
    content: dict[str, Any] = {
        "format": FORMAT,
        "identity": identity,
        "epochs_done": training.epochs_done,
        "diverged": training.diverged[r],
        "theta": network.theta[r].cpu().clone(),
        "running": {k: (v[r] if network.replicates > 1 else v).cpu().clone() for k, v in network.running.items()},
        "optimizer": _optimizer_content(training.optimizer.state(r)),
        "history": dict(training.history[r].columns().columns),
        "correct": _spelled(training.right.examples(r)),
        "tensors": [dataclasses.asdict(t) for t in training.tensors[r]],
        "on_test": [(epoch, *found) for epoch, found in training.on_test[r].items()],
    }
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


def load(training: Training, replicate: int, identity: str, data: bytes) -> None:
    """Set one replicate to a saved state. All replicates of a training must be set to the same epoch.

    Raises:
        BadCheckpoint: the bytes are not the state of this trial; nothing has been changed then.
    """
    content = _read(data, identity)
    r, network = replicate, training.network
    try:
        history = EpochLog(_columns(content["history"]))
        correct = None if content.get("correct") is None else CorrectExamples(*content["correct"])
        tensors = [
            TensorSummary(**{**t, "quantiles": tuple(t["quantiles"]), "histogram": tuple(t["histogram"])})
            for t in content["tensors"]
        ]
        on_test = {int(epoch): (float(loss), float(acc)) for epoch, loss, acc in content.get("on_test", ())}
        if content["theta"].shape != network.theta[r].shape or len(history) > content["epochs_done"]:
            raise BadCheckpoint("the checkpoint has another shape")
        if correct is not None and correct.count != training.right.count:
            raise BadCheckpoint("the checkpoint has bits of other examples")
        training.optimizer.load(r, _optimizer_state(content["optimizer"]))
        network.theta[r].copy_(content["theta"])
        for name, value in content["running"].items():
            (network.running[name][r] if network.replicates > 1 else network.running[name]).copy_(value)
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise BadCheckpoint(f"the checkpoint does not fit ({reason})") from None
    training.history[r], training.tensors[r] = history, tensors
    training.right.load(r, correct, max(history["val_accuracy"], default=-math.inf))
    training.on_test[r] = on_test
    training.diverged[r], training.epochs_done = content["diverged"], content["epochs_done"]


def _optimizer_content(state: OptimizerState) -> dict[str, Any]:
    """An optimiser's state as the file has it; the inverse of `_optimizer_state`."""
    return dict(state.tensors) if state.inner is None else {"lbfgs": state.inner}


def _optimizer_state(content: Any) -> OptimizerState:
    return OptimizerState({}, content["lbfgs"]) if "lbfgs" in content else OptimizerState(content)


def _columns(history: Any) -> dict[str, list[float]]:
    """The columns of a saved history, which was a list of epochs in format 1."""
    if isinstance(history, list):
        history = {name: [epoch[name] for epoch in history] for name in RECORDED}
    return {name: list(history[name]) for name in RECORDED}


def _spelled(correct: CorrectExamples | None) -> tuple[int, bytes, bytes] | None:
    return None if correct is None else (correct.count, correct.last, correct.best)


def epochs_in(data: bytes, identity: str) -> int:
    """How many epochs a saved state has behind it; raises BadCheckpoint where it cannot be used."""
    return int(_read(data, identity)["epochs_done"])


def _check_sizes(data: bytes) -> None:
    """Refuse what is larger in memory than in its file, before its contents are read: `save` compresses nothing."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        size = sum(part.file_size for part in file.infolist())
    if size > len(data):
        raise BadCheckpoint(f"the checkpoint of {len(data):,} bytes would take {size:,} in memory")


def _read(data: bytes, identity: str) -> dict[str, Any]:
    try:
        _check_sizes(data)
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except BadCheckpoint:
        raise
    except Exception as error:  # torch raises many kinds for damaged bytes
        raise BadCheckpoint(f"the checkpoint is damaged ({type(error).__name__})") from None
    if not isinstance(content, dict) or content.get("format") not in (1, FORMAT):
        raise BadCheckpoint("the checkpoint has another format")
    if content.get("identity") != identity:
        raise BadCheckpoint(f"the checkpoint belongs to trial {content.get('identity')}, not {identity}")
    done, diverged = content.get("epochs_done"), content.get("diverged")
    if isinstance(done, bool) or not isinstance(done, int) or done < 0 or not isinstance(diverged, bool):
        raise BadCheckpoint("the checkpoint says nothing sensible of its epochs")
    return content
