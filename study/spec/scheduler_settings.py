"""Which settings each scheduler takes: another one would have no effect, and whoever wrote it would not know."""

from __future__ import annotations

from collections.abc import Mapping

from study.spec.search import Scheduler

SETTINGS = ("grace", "reduction", "brackets", "keep")
TAKES: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "asha": ("grace", "reduction", "brackets"),
    "asha-stop": ("grace", "reduction", "brackets"),
    "hyperband": ("grace", "reduction"),
    "median": ("grace",),
    "halving": ("grace", "reduction", "keep"),
}
"""By scheduler; one that is not here takes all."""


def without_effect(scheduler: Scheduler) -> dict[str, str]:
    """The settings that are not at their default and have no effect, each with why.

    >>> without_effect(Scheduler(name="asha", keep=4))
    {'keep': 'it has no effect: halving alone takes it'}
    """
    usual, taken = Scheduler(), TAKES.get(scheduler.name, SETTINGS)
    found: dict[str, str] = {}
    for name in SETTINGS:
        if getattr(scheduler, name) == getattr(usual, name):
            continue
        if name not in taken:
            who = [s for s, of in TAKES.items() if name in of]
            found[name] = f"it has no effect: {', '.join(who)} {'alone takes' if len(who) == 1 else 'take'} it"
        elif name == "reduction" and scheduler.keep:
            found[name] = "it has no effect beside keep: leave one of them out"
    return found
