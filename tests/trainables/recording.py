"""A CUDA graph on a CPU: notes the kernels of a step and the very memory that each works on, and repeats them.

Like a real graph it runs nothing when it captures, keeps every number that Python gave to a kernel, knows nothing of
what Python does afterwards, and refuses what a real one refuses: to look at a tensor's value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

REFUSED = ("_local_scalar_dense", "nonzero", "_to_copy.cpu")


class Kernels(TorchDispatchMode):
    """While it is on: every kernel that runs, with its arguments and its answer."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, tuple[Any, ...], dict[str, Any], list[Tensor]]] = []
        self.before: dict[int, tuple[Tensor, Tensor]] = {}
        self._made: set[int] = set()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing here is compiled: PyTorch need not import its compiler to keep it away

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        assert not any(r in str(func) for r in REFUSED), f"{func} cannot be captured"
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, Tensor) and (at := tensor.untyped_storage().data_ptr()) not in self._made:
                whole = torch.empty(0, dtype=torch.uint8).set_(tensor.untyped_storage())
                self.before.setdefault(at, (whole, whole.clone()))
        answer = func(*args, **kwargs)
        out = [t for t in tree_leaves(answer) if isinstance(t, Tensor)]
        self._made |= {t.untyped_storage().data_ptr() for t in out} - set(self.before)
        self.calls.append((func, args, kwargs, out))
        return answer


class FakeRecorder:
    """A `update.GraphRecorder` without CUDA."""

    def __init__(self) -> None:
        self.warmed = self.captured = self.replayed = 0

    def warm(self, step: Callable[[], None]) -> None:
        self.warmed += 1
        step()

    def capture(self, step: Callable[[], None]) -> Callable[[], object]:
        self.captured += 1
        kernels = Kernels()
        with kernels:
            step()
        for whole, was in kernels.before.values():  # a capture runs nothing
            whole.copy_(was)

        def replay() -> None:
            self.replayed += 1
            for func, args, kwargs, out in kernels.calls:
                again = [t for t in tree_leaves(func(*args, **kwargs)) if isinstance(t, Tensor)]
                for kept, new in zip(out, again, strict=True):
                    if kept.data_ptr() != new.data_ptr():
                        kept.copy_(new)

        return replay
