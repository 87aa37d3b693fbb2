"""What could happen when the background is white and the content black?

Pixels x against 255 - x, everything else equal. The chapter asks and never runs it.
"""

from study.catalog._shorthand import CHAPTER, words
from study.spec.study import Arm, Study

study = Study(
    name="inverted",
    title="Dark and light background",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("invert",),
    epochs=10,
    base={"optimizer": "adam", "lr": 0.001},
    arms=(
        Arm(name="dark-background", say="a dark background", change={"invert": False}),
        Arm(name="light-background", say="a light background", change={"invert": True}, note="pixels 255 - x"),
    ),
    baseline="dark-background",
)
