"""Ask what a hyperparameter does, from Python: `study.plan("dropout")`, `study.run("dropout")`, `study.open(folder)`.

Light to import: what is asked for is imported when it is asked for. See `study.spec` for what a study may say.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

# First of all: it binds `trainables` and `analysis` to where this one lies.
from study.planning import imports as imports

if TYPE_CHECKING:
    from study.app.api import Results, run
    from study.app.api import open_results as open  # noqa: A004  # `study.open` is how it is asked
    from study.app.study_plan import StudyPlan, plan
    from study.spec import Arm, Claim, Study
    from trainables.config.errors import StudyError

    __version__: str

__all__ = ["Arm", "Claim", "Results", "Study", "StudyError", "StudyPlan", "open", "plan", "run"]

_WHERE = {
    "run": ("study.app.api", "run"),
    "plan": ("study.app.study_plan", "plan"),
    "StudyPlan": ("study.app.study_plan", "StudyPlan"),
    "open": ("study.app.api", "open_results"),
    "Results": ("study.app.api", "Results"),
    "Study": ("study.spec", "Study"),
    "Arm": ("study.spec", "Arm"),
    "Claim": ("study.spec", "Claim"),
    "StudyError": ("trainables.config.errors", "StudyError"),
}


def __getattr__(name: str) -> Any:
    """What this package hands on, imported once it is asked for."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("hyperparameter-study")
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=sys.modules[__name__])
    module, attribute = _WHERE[name]
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    """What may be asked for, and nothing that this file needs itself."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
