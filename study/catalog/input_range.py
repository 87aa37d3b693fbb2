"""How does the range of the input values affect the weight distribution at the end of training?

Divisors of 1, 255 and 255 x 10,000 under the same optimiser for the same epochs.
"""

from study.catalog._shorthand import CHAPTER, words
from study.spec.study import Arm, Study

study = Study(
    name="input-range",
    title="The range of the input",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("input_divisor",),
    epochs=10,
    base={"optimizer": "adam", "lr": 0.001},
    arms=(
        Arm(name="divisor-1", say="input up to 255", change={"input_divisor": 1.0}, note="pixels 0..255"),
        Arm(name="divisor-255", say="input up to 1", change={"input_divisor": 255.0}, note="pixels 0..1"),
        Arm(
            name="divisor-2550000",
            say="input up to 0.0001",
            change={"input_divisor": 2_550_000.0},
            note="pixels 0..0.0001",
        ),
    ),
    baseline="divisor-255",
    figures=("curves", "parameters"),
)
