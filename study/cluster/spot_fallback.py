"""Which type of machine the autoscaler asks for next: spot where there is any, on demand where there is none.

Ray's own choice does not know the difference: it would ask for spot again and again while the market is empty. Its
first autoscaler takes another judge by name, RAY_AUTOSCALER_UTILIZATION_SCORER in the head's start command; this is it.
Pure, and free of Ray.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FALLBACK = "-on-demand"
"""Types whose names end so are asked for last; the others are taken for spot."""

Score = tuple[bool, bool, bool, int, float]


def score(
    node_resources: Mapping[str, float],
    resources: Sequence[Mapping[str, float]],
    node_type: str,
    *,
    node_availability_summary: Any = None,
) -> Score | None:
    """How well a new node of a type would serve what waits; the largest is started, None never.

    First what could be had when it was last asked for (Ray remembers a refusal for half an hour); then no GPU for work
    that wants none; then spot; then what fills the node best.

    >>> spot = score({"CPU": 4, "GPU": 1}, [{"CPU": 1, "GPU": 0.25}], "gpu-spot")
    >>> sure = score({"CPU": 4, "GPU": 1}, [{"CPU": 1, "GPU": 0.25}], "gpu-on-demand")
    >>> spot > sure, score({"CPU": 8}, [{"CPU": 1, "GPU": 0.25}], "cpu-spot")
    (True, None)
    """
    left, fitting, wanted = dict(node_resources), 0, set[str]()
    for bundle in resources:
        wanted |= {name for name, amount in bundle.items() if amount > 0}
        if all(left.get(name, 0) + 1e-9 >= amount for name, amount in bundle.items()):
            fitting += 1
            left = {name: have - bundle.get(name, 0) for name, have in left.items()}
    if not fitting:
        return None
    used = [(have - left[name]) / have for name, have in node_resources.items() if have > 0 and name in wanted]
    known = getattr(node_availability_summary, "node_availabilities", None) or {}
    available = node_type not in known or bool(known[node_type].is_available)
    spare_gpu = not node_resources.get("GPU") or "GPU" in wanted
    return available, spare_gpu, not node_type.endswith(FALLBACK), fitting, sum(used) / max(1, len(used))
