"""`sitecustomize` for a Python that stands for one with PyTorch and NumPy alone: no other package is found.

Put into the path of a process, and so of its children. What torch itself requires may come, but not be asked for by
our code. The checkout, which may be installed here, is taken out of the path: only the working folder counts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from types import FrameType, ModuleType

OURS = {"trainables", "benchmarks", "tests", "__main__", "__mp_main__"}
GIVEN = {"torch", "numpy"}
OF_TORCH = {"torchgen", "functorch", "typing_extensions", "filelock", "sympy", "mpmath", "networkx", "jinja2"}
OF_TORCH |= {"markupsafe", "fsspec", "setuptools", "triton", "cuda", "nvidia"}


class AllowedFinder(MetaPathFinder):
    """Finds what is allowed, as Python would; whatever else there is on this machine is not there."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        name = fullname.partition(".")[0]
        allowed = name in sys.stdlib_module_names | GIVEN | OURS or name.startswith("_sysconfigdata")
        if allowed or (name in OF_TORCH and asker() not in OURS):
            return PathFinder.find_spec(fullname, path, target)
        return None


def asker() -> str:
    """The package whose code imports."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith("<frozen importlib") and frame.f_code.co_filename != __file__:
            return str(frame.f_globals.get("__name__", "")).partition(".")[0]
        frame = frame.f_back
    return ""


if __name__ == "sitecustomize":
    checkout = os.environ["REFUSED_PATH"]
    sys.path[:] = [p for p in sys.path if os.path.realpath(p or ".") != checkout]
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, AllowedFinder()]
