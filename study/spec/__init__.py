"""What a study file may say: studies, arms, claims, search spaces; reading and checking them.

Not here: the studies themselves (`study.catalog`). Study files in Python import from here: these names are handed on.
"""

from study.spec.claims import (
    Association,
    Claim,
    Contrast,
    Level,
    Mechanism,
    Quantity,
    Trajectory,
)
from study.spec.constraints import Constraint
from study.spec.domains import Choice, Float, Int
from study.spec.search import Scheduler, Search
from study.spec.study import Arm, Effect, Family, Study

__all__ = [
    "Arm", "Association", "Choice", "Claim", "Constraint", "Contrast", "Effect", "Family", "Float", "Int", "Level",
    "Mechanism", "Quantity", "Scheduler", "Search", "Study", "Trajectory",
]  # fmt: skip
