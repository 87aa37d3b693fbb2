"""What of Ray Tune is left out or asked through its private names, for the versions that these were tested with."""

from __future__ import annotations

from typing import Any


def actor_of(trial: Any) -> Any:
    """The worker that trains one of Ray Tune's trials; None where it has none, or where this Ray keeps it elsewhere."""
    return getattr(getattr(trial, "temporary_state", None), "ray_actor", None)
