"""What a process has told torch as a whole, and what a trial trains under in every process: torch's own defaults.

A notebook may have set any of these before it runs a study; the same trial must give the same numbers there. The number
of inter-op threads is no such thing: torch takes it once, and nothing here runs operations side by side.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

_BACKENDS: Any = torch.backends

_FLAGS: tuple[tuple[Any, str, bool], ...] = (
    (_BACKENDS.cudnn, "benchmark", False),
    (_BACKENDS.cudnn, "deterministic", False),
    (_BACKENDS.mkldnn, "enabled", True),
    (_BACKENDS.cuda.matmul, "allow_bf16_reduced_precision_reduction", True),
    (_BACKENDS.cuda.matmul, "allow_fp16_reduced_precision_reduction", True),
)
"""Who holds a flag, its name and torch's default."""
_MATMULS: tuple[Any, ...] = (_BACKENDS.cuda.matmul, _BACKENDS.mkldnn.matmul)
"""Who says in which precision float32 is multiplied, beside the one word for both."""
_AUTOCAST = ("cpu", "cuda")


def pin_defaults() -> None:
    """Set torch's own defaults in this process, where they are others; see `own_defaults` to have the others again."""
    if torch.get_default_dtype() != torch.float32:
        torch.set_default_dtype(torch.float32)
    if torch.get_default_device().type != "cpu":
        torch.set_default_device(None)
    if torch.get_deterministic_debug_mode():
        torch.set_deterministic_debug_mode(0)
    if _precision() != "highest" or any(p not in ("none", "ieee") for p in _fine_precisions()):
        torch.set_float32_matmul_precision("highest")
    for holder, name, usual in _FLAGS:
        if getattr(holder, name) != usual:
            setattr(holder, name, usual)


@contextlib.contextmanager
def own_defaults() -> Iterator[None]:
    """Within, torch's own defaults hold; afterwards those of the process hold again."""
    with contextlib.ExitStack() as stack:
        stack.callback(torch.set_default_dtype, torch.get_default_dtype())
        if mode := torch.get_deterministic_debug_mode():
            stack.callback(torch.set_deterministic_debug_mode, mode)
        for holder, name, _ in _FLAGS:
            stack.callback(setattr, holder, name, getattr(holder, name))
        stack.callback(_set_precisions, _precision(), _fine_precisions())
        _leave_modes(stack)
        pin_defaults()
        yield


def _leave_modes(stack: contextlib.ExitStack) -> None:
    """Leave what this thread is within: a default device, autocast, inference, no gradients, a search for anomalies."""
    if torch.get_default_device().type != "cpu":
        stack.enter_context(torch.device("cpu"))
    if torch.is_inference_mode_enabled():
        stack.enter_context(torch.inference_mode(False))
    if not torch.is_grad_enabled():
        stack.enter_context(torch.enable_grad())
    if torch.is_anomaly_enabled():
        stack.enter_context(torch.autograd.set_detect_anomaly(False))
    for device in _AUTOCAST:
        if torch.is_autocast_enabled(device):
            stack.callback(torch.set_autocast_enabled, device, True)
            torch.set_autocast_enabled(device, False)


def _precision() -> str:
    """The one word for how float32 is multiplied; empty where the process has set devices apart, which torch refuses
    to put into one word.
    """
    try:
        return torch.get_float32_matmul_precision()
    except RuntimeError:
        return ""


def _fine_precisions() -> list[str]:
    return [getattr(m, "fp32_precision", "none") for m in _MATMULS]


def _set_precisions(one: str, fine: list[str]) -> None:
    if one and one != _precision():
        torch.set_float32_matmul_precision(one)
    for holder, precision in zip(_MATMULS, fine, strict=True):
        if getattr(holder, "fp32_precision", precision) != precision:
            holder.fp32_precision = precision
