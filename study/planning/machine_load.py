"""How much other programs can slow trials that start now, from the load that the system tells."""

from __future__ import annotations

import math
import os

from study.planning.usable_cores import usable_cores


def most_slowed(unknown: float = math.inf) -> float:
    """How many times as long as idle trials on every usable core would take at the most; at least 1.

    By the load of the last minute (`os.getloadavg`): what is running shares the cores with one trial a core. In a
    container it counts what others run beside it, so it is never too small. `unknown` where the system tells no load.
    """
    try:
        load = os.getloadavg()[0]
    except (OSError, AttributeError):
        return unknown
    cores = usable_cores()
    return max(1.0, (load + cores) / cores)
