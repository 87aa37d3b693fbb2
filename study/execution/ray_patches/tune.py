"""What Ray Tune does for others than us, left out while it works for us; see `docs/decisions/lean-ray.md`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from study.execution.ray_patches.patching import attribute_at, replaced


def actor_of(trial: Any) -> Any:
    """The worker that trains one of Ray Tune's trials; None where it has none, or where this Ray keeps it elsewhere."""
    return getattr(getattr(trial, "temporary_state", None), "ray_actor", None)


@contextlib.contextmanager
def ready_workers(ray: Any) -> Iterator[None]:
    """While this holds, Ray Tune's actors take the workers that stand ready, for they ask for no environment.

    What its own would set lies in the environment that a Ray of our own hands to its workers (`ray_session`).
    """
    cache = attribute_at(ray, "tune.execution.class_cache._ActorClassCache")

    def get(self: Any, trainable: Any) -> Any:
        if trainable not in self._cache:
            self._cache[trainable] = ray.remote(trainable)
        return self._cache[trainable]

    with replaced(ray, cache, get=get):
        yield


@contextlib.contextmanager
def light_trials(ray: Any) -> Iterator[None]:
    """While this holds, Ray Tune looks up its trainable once, not five times a trial, and at the end makes neither each
    trial's state nor a table of its results.

    The state is what its own restoring would read, which is not used here; the results are in our records.
    """
    registry = type(attribute_at(ray, "tune.registry._global_registry"))
    with (
        replaced(ray, registry, **_remembering(registry)),
        replaced(ray, attribute_at(ray, "tune.execution.tune_controller.TuneController"), _get_trial_checkpoints=_none),
        replaced(ray, attribute_at(ray, "tune.analysis.ExperimentAnalysis"), _fetch_trial_dataframes=_none),
    ):
        yield


def _none(_: Any) -> dict[str, Any]:
    return {}


def _remembering(registry: Any) -> dict[str, Callable[..., Any]]:
    """The methods of Ray's registry of trainables, over what they have found since the last one was registered."""
    found: dict[tuple[str, str], Any] = {}
    own: list[Any] = [getattr(registry, name, None) for name in ("get", "contains", "register")]
    get, contains, register = own

    def remembered(self: Any, category: str, key: str) -> Any:
        if (category, key) not in found:
            found[category, key] = get(self, category, key)
        return found[category, key]

    def known(self: Any, category: str, key: str) -> bool:
        return (category, key) in found or bool(contains(self, category, key))

    def registered(self: Any, category: str, key: str, value: Any) -> None:
        found.clear()
        register(self, category, key, value)

    return {"get": remembered, "contains": known, "register": registered}
