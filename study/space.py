"""What a search may vary: the space, the searcher and the scheduler, as data. Optuna and Ray live in `search` and `schedulers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search space with its searcher and scheduler."""

    trials: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `from_dict` is the inverse."""
        return {"trials": self.trials}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Search:
        """Make a search from plain data."""
        return cls(**values)
