"""What Ray does for others than us, left out while it works for us; see `docs/decisions/lean-ray.md`.

All of it goes through names that Ray calls private, replaced and put back here alone. Where another version of Ray has
them not, that part is done as Ray does it, and only takes longer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

UNASKED = ("start_monitor", "start_log_monitor", "start_api_server")
"""What starts the autoscaler, the forwarder of workers' prints and the dashboard's server, in Ray's class of a node."""


@contextlib.contextmanager
def few_servers(ray: Any) -> Iterator[None]:
    """While this holds, a Ray that starts on this machine does so without three servers that nothing here asks."""
    with _replaced(_named(ray, "_private.node.Node"), {name: lambda *_, **__: None for name in UNASKED}):
        yield


@contextlib.contextmanager
def light_trials(ray: Any) -> Iterator[None]:
    """While this holds, Ray Tune looks up its trainable once, not five times a trial, and writes no trial's state.

    The state is what its own restoring would read, which is not used here.
    """
    registry = type(_named(ray, "tune.registry._global_registry"))
    controller = _named(ray, "tune.execution.tune_controller.TuneController")
    with _replaced(registry, _remembering(registry)), _replaced(controller, {"_get_trial_checkpoints": lambda _: {}}):
        yield


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


def hush(ray: Any) -> None:
    """Ray prints half a page on every worker that dies, whatever its settings; a trial's failure is told by us."""
    with contextlib.suppress(AttributeError):
        ray._private.worker.print_to_stdstream = lambda *_, **__: None  # noqa: SLF001


def read_token_anew(ray: Any) -> None:
    """Ray reads its token once a process; a run before this one had another."""
    with contextlib.suppress(AttributeError):
        ray._raylet.Config.initialize("")  # noqa: SLF001
        ray._raylet.AuthenticationTokenLoader.instance().reset_cache()  # noqa: SLF001


def _named(ray: Any, path: str) -> Any:
    """What lies at a dotted path in Ray; a class with nothing in it where another version has no such thing."""
    try:
        return attrgetter(path)(ray)
    except AttributeError:
        return type("Absent", (), {})


@contextlib.contextmanager
def _replaced(owner: Any, methods: dict[str, Callable[..., Any]]) -> Iterator[None]:
    """A class with other methods, those that it has; afterwards with its own again."""
    own = {name: getattr(owner, name) for name in methods if hasattr(owner, name)}
    for name in own:
        setattr(owner, name, methods[name])
    try:
        yield
    finally:
        for name, method in own.items():
            setattr(owner, name, method)
